/// How many links a worker may still ask for: each costs the worker at the other end something.
package struct LinkAllowance: Equatable, Sendable {
    private static let most = 64
    private static let interval = Duration.seconds(1) / 16

    private var left = LinkAllowance.most
    private var refilled = Duration.zero

    /// Takes one if there is one.
    mutating func take(at now: Duration) -> Bool {
        let more = Int(min((now - refilled) / Self.interval, Double(Self.most)))
        if more > 0 {
            left = min(left + more, Self.most)
            refilled = now
        }
        guard left > 0 else { return false }
        left -= 1
        return true
    }
}
