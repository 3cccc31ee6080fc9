/// A greater share of the CPUs for a supervisor that takes over, where it may have that: nobody
/// commands the service meanwhile, and what takes the CPUs is often the service itself.
///
/// It goes on over an exec. It is over before anything is started, which would inherit it.
package struct Haste: Sendable {
    /// As great a share as ten others have.
    private static let niceness: Int32 = -10

    /// To what it goes back; nil where it makes no difference.
    package let former: Int32?

    /// Begins, if it is permitted.
    package init() {
        let current = Niceness.current()
        let begins =
            current > Self.niceness && (try? Niceness.set(Self.niceness)) != nil
        former = begins ? current : nil
    }

    /// Goes on with one that began in this process before an exec.
    package init(goingBackTo former: Int32) { self.former = former }

    package func end() {
        // A greater value is always permitted.
        if let former { try? Niceness.set(former) }
    }
}
