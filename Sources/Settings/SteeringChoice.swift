package import Packs

/// The steering a listener asks for; `auto` takes the best that kernel and privileges allow.
package enum SteeringChoice: Hashable, Sendable {
    case auto
    case flow
    case quic
    /// By the ids of a protocol that is described (`BuiltInPack`).
    case pack(String)
    /// By ids as the listener's own rules describe them.
    case custom
    /// As `flow`, which is all that can be done for that protocol.
    case address(AddressProtocol)
    case stateless

    /// All of them; which protocol's address is its session is known by name alone.
    package static let allCases: [SteeringChoice] =
        [.auto, .flow, .quic] + BuiltInPack.all.map { .pack($0.name) } + [.custom, .stateless]
        + AddressProtocol.all.map { .address($0) }

    /// What to write in a file.
    package var rawValue: String {
        switch self {
        case .auto: "auto"
        case .flow: "flow"
        case .quic: "quic"
        case .pack(let name): name
        case .custom: "custom"
        case .address(let known): known.name
        case .stateless: "stateless"
        }
    }

    static func parse(_ text: String) throws(ValueError) -> SteeringChoice {
        if let choice = allCases.first(where: { $0.rawValue == text }) { return choice }
        throw ValueError.unknownWord(text, what: "a steering mode", of: allCases.map(\.rawValue))
    }

    /// How long a flow may be silent where nothing was said. Clients whose sessions have ids fall silent for
    /// longer than others and come back, as a rule from another address.
    package var idleTimeout: Duration {
        switch self {
        case .auto, .flow, .address, .stateless: .seconds(60)
        case .quic, .pack, .custom: .seconds(120)
        }
    }

    /// Ids of QUIC that are followed: no server known makes shorter ones, and the protocol has no longer ones.
    static let lengthsOfQUIC = 4...20

    /// Whether connections of a tcp listener can be steered so.
    var isForStreams: Bool {
        switch self {
        case .auto, .stateless: true
        case .flow, .quic, .pack, .custom, .address: false
        }
    }
}
