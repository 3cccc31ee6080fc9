/// What one answer says about its flow.
struct Verdict: OptionSet, Equatable {
    let rawValue: UInt8

    /// The datagram was answered before.
    static let duplicate = Verdict(rawValue: 1)
    /// The flow was answered by another generation or worker before.
    static let moved = Verdict(rawValue: 2)
    /// The worker has forgotten the flow.
    static let restarted = Verdict(rawValue: 4)
    /// The flow was opened after a flip and reached an older generation.
    static let stale = Verdict(rawValue: 8)
}
