/// What a listener's sockets speak; the raw value is the address's scheme.
package enum Transport: String, CaseIterable, Hashable, Sendable {
    case udp
    case tcp

    var defaultSteering: SteeringChoice {
        switch self {
        case .udp: .flow
        case .tcp: .stateless
        }
    }
}
