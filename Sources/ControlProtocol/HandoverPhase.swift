/// A step of a handover, in their order.
package struct HandoverPhase: OpenName {
    package let rawValue: String

    package init(rawValue: String) { self.rawValue = rawValue }

    package static let start = HandoverPhase(rawValue: "start")
    package static let ready = HandoverPhase(rawValue: "ready")
    package static let canary = HandoverPhase(rawValue: "canary")
    package static let flip = HandoverPhase(rawValue: "flip")
    package static let drain = HandoverPhase(rawValue: "drain")
    package static let retire = HandoverPhase(rawValue: "retire")
}
