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

extension ListenerSettings {
    /// The steering that is asked for, or the best to be had where `auto` is.
    func makeSteering() throws(SteeringError) -> (Steering, String) {
        switch (steering, address.transport) {
        case (.flow, _): return try made(.flow)
        case (.stateless, _), (.auto, .tcp): return try made(.stateless)
        case (.auto, .udp):
            do throws(SteeringError) {
                return try made(.flow)
            } catch {
                let (steering, reason) = try made(.stateless)
                return (steering, "\(reason); sessions are not kept: \(error)")
            }
        }
    }

    private func made(_ mode: SteeringMode) throws(SteeringError) -> (Steering, String) {
        let transport: SteeringTransport =
            switch address.transport {
            case .udp: .udp
            case .tcp: .tcp
            }
        let steering = try Steering(
            SteeringSetup(
                mode: mode, transport: transport, maxFlows: maxFlows, idleTimeout: idleTimeout))
        return (steering, steering.kindDescription)
    }
}
