/// What is promised, to sort what was broken.
package enum Promise: String, Hashable, Sendable {
    case promise1, promise2, promise3, promise4, promise5, promise6, promise7, promise8
    /// No owner of a descriptor is lost or doubled.
    case descriptors
    /// Every operation is answered, and once.
    case answers
    /// Once nothing is killed any more, all comes to rest and serves.
    case liveness
    /// Each handover that has begun is in the history once.
    case history
}

/// A promise that was broken, and how.
package struct Violation: Sendable, CustomStringConvertible {
    package let promise: Promise
    package let text: String

    package var description: String { "\(promise.rawValue): \(text)" }
}
