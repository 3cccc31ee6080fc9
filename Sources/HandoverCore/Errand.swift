/// What a generation leaves for.
enum Errand: Hashable, Codable, Sendable {
    case handover(Handover)
    case serviceStop

    var handover: Handover? {
        switch self {
        case .handover(let handover): handover
        case .serviceStop: nil
        }
    }

    mutating func change(_ body: (inout Handover) -> Void) {
        switch self {
        case .handover(var handover):
            body(&handover)
            self = .handover(handover)
        case .serviceStop: break
        }
    }
}
