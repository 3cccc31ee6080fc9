/// The steering a listener asks for; `auto` takes the best that kernel and privileges allow.
package enum SteeringChoice: String, CaseIterable, Hashable, Sendable {
    case auto
    case flow
    case quic
    case stateless

    static func parse(_ text: String) throws(ValueError) -> SteeringChoice {
        if let choice = SteeringChoice(rawValue: text) { return choice }
        throw ValueError.unknownWord(text, what: "a steering mode", of: allCases.map(\.rawValue))
    }

    /// How long a flow may be silent where nothing was said. QUIC's clients fall silent for longer than
    /// others and come back, as a rule from another address.
    package var idleTimeout: Duration {
        switch self {
        case .auto, .flow, .stateless: .seconds(60)
        case .quic: .seconds(120)
        }
    }

    /// Whether connections of a tcp listener can be steered so.
    var isForStreams: Bool {
        switch self {
        case .auto, .stateless: true
        case .flow, .quic: false
        }
    }
}
