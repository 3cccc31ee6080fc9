/// What a generation is started for, which decides what happens when it gets ready or fails.
enum StartPurpose: Hashable, Codable, Sendable {
    /// The service's first.
    case first
    /// To take over from the current generation, which serves meanwhile.
    case upgrade(Handover)
    /// To take over the bank of a generation already stopped, which `fallback` would bring back.
    case successor(Handover, fallback: Fallback)
    /// To bring back what a successor failed to follow.
    case revival

    var handover: Handover? {
        switch self {
        case .upgrade(let handover), .successor(let handover, _): handover
        case .first, .revival: nil
        }
    }

    /// Whether new flows wait in the bank that it has inherited.
    var takesBankOver: Bool {
        switch self {
        case .first, .upgrade: false
        case .successor, .revival: true
        }
    }

    mutating func change(_ body: (inout Handover) -> Void) {
        switch self {
        case .upgrade(var handover):
            body(&handover)
            self = .upgrade(handover)
        case .successor(var handover, let fallback):
            body(&handover)
            self = .successor(handover, fallback: fallback)
        case .first, .revival: break
        }
    }
}
