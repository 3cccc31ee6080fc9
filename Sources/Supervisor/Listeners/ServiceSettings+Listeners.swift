import Kernel
import Settings
import Steering

extension ServiceSettings {
    /// The listeners, named and checked against what others have bound.
    func makeListeners() throws(ListenerError) -> [Listener] {
        var made: [Listener] = []
        for listener in listeners {
            made.append(
                try Listener(
                    listener, name: listener.name ?? "\(listener.address.port)",
                    nonBlocking: nonBlocking))
        }
        return made
    }
}

extension SteeringSetup {
    /// What a listener's settings want of its steering.
    init(_ settings: ListenerSettings) throws(SteeringError) {
        let transport: SteeringTransport =
            switch settings.address.transport {
            case .udp: .udp
            case .tcp: .tcp
            }
        let mode: SteeringMode =
            switch settings.steering {
            case .flow: .flow
            case .stateless: .stateless
            case .auto: transport == .udp ? .flow : .stateless
            }
        self.init(
            mode: mode, transport: transport, maxFlows: settings.maxFlows,
            idleTimeout: settings.idleTimeout)
    }
}
