/// Why a drain ended.
package enum RetireCause: String, Hashable, Codable, Sendable {
    /// No live flow is left.
    case idle
    /// All its workers said so.
    case drained
    case deadline
    /// All its workers died.
    case deserted
    /// The next generation may not run beside it.
    case makesRoom
    /// The service ends at once.
    case serviceStop
}
