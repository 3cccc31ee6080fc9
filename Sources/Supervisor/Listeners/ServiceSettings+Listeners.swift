import Kernel
import Settings
import Steering

extension ServiceSettings {
    /// The listeners, numbered and checked against what others have bound.
    ///
    /// - Parameter given: sockets that are bound already.
    func makeListeners(
        vault: Vault, given: GivenSockets = GivenSockets(), running: RunningServer? = nil
    ) throws(ListenerError) -> [Listener] {
        let tables = SteeringTables()
        var made: [Listener] = []
        for listener in listeners {
            made.append(
                try Listener(
                    listener, number: made.count, nonBlocking: nonBlocking,
                    socketsPerWorker: listener.socketsPerWorker ?? socketsPerWorker, vault: vault,
                    tables: tables, given: given.sockets(at: listener.address),
                    running: running?.served(at: listener)))
        }
        return made
    }
}

extension ListenerSettings {
    /// The steering that is asked for, or the best to be had where `auto` is.
    func makeSteering(_ tables: SteeringTables) throws(SteeringError) -> (Steering, String) {
        switch (steering, address.transport) {
        case (.flow, _): return try made(.flow, tables)
        case (.stateless, _), (.auto, .tcp): return try made(.stateless, tables)
        case (.auto, .udp):
            do throws(SteeringError) {
                return try made(.flow, tables)
            } catch {
                let (steering, reason) = try made(.stateless, tables)
                return (steering, "\(reason); sessions are not kept: \(error)")
            }
        }
    }

    private func made(
        _ mode: SteeringMode, _ tables: SteeringTables
    ) throws(SteeringError) -> (Steering, String) {
        let transport: SteeringTransport =
            switch address.transport {
            case .udp: .udp
            case .tcp: .tcp
            }
        let steering = try Steering(
            SteeringSetup(
                mode: mode, transport: transport, maxFlows: maxFlows, idleTimeout: idleTimeout),
            tables: tables)
        return (steering, steering.kindDescription)
    }
}
