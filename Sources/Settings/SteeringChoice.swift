/// The steering a listener asks for; `auto` takes the best that kernel and privileges allow.
package enum SteeringChoice: String, CaseIterable, Hashable, Sendable {
    case auto
    case flow
    case stateless

    /// Modes that the design names and this version refuses by name.
    static let notBuiltYet = ["quic", "wireguard", "dtls-cid", "openvpn", "srt", "connected"]

    static func parse(_ text: String) throws(ValueError) -> SteeringChoice {
        if let choice = SteeringChoice(rawValue: text) { return choice }
        if notBuiltYet.contains(text) {
            throw ValueError("steering '\(text)' is not built yet; use auto, flow or stateless")
        }
        throw ValueError.unknownWord(text, what: "a steering mode", of: allCases.map(\.rawValue))
    }
}
