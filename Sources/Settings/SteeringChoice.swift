/// The steering a listener asks for; `auto` takes the best that kernel and privileges allow.
package enum SteeringChoice: String, CaseIterable, Hashable, Sendable {
    case auto
    case flow
    case stateless

    static func parse(_ text: String) throws(ValueError) -> SteeringChoice {
        if let choice = SteeringChoice(rawValue: text) { return choice }
        throw ValueError.unknownWord(text, what: "a steering mode", of: allCases.map(\.rawValue))
    }
}
