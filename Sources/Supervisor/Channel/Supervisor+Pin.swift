import ChannelProtocol
import HandoverCore
import Kernel
import Settings
import Steering

extension Supervisor {
    /// Pins a flow to the slot of a worker.
    func pin(_ name: FlowName, of id: WorkerID) throws(ChannelFault) {
        switch machine.generation(id.generation)?.phase {
        case .starting, .current, .draining: break
        // What is left of it has been re-steered.
        case .retiring, .stopped, .failed, nil:
            throw ChannelFault(.order, "the worker's flows go elsewhere already")
        }
        let (flow, listener, slot) = try find(name, of: id)
        let result: PinResult
        do throws(SteeringError) {
            result = try listener.steering.pin(flow, to: slot.number)
        } catch {
            throw ChannelFault(.failed, "\(error)")
        }
        try check(result, at: listener)
    }

    /// Ends a flow of a worker.
    func unpin(_ name: FlowName, of id: WorkerID) throws(ChannelFault) {
        let (flow, listener, slot) = try find(name, of: id)
        try check(listener.steering.unpin(flow, from: slot.number), at: listener)
    }

    private func find(
        _ name: FlowName, of id: WorkerID
    ) throws(ChannelFault) -> (FlowTuple, Listener, Slot) {
        guard listeners.indices.contains(name.listener), let bank = banks[id.generation],
            let slot = bank.slots(of: id.index)[name.listener].first
        else {
            throw ChannelFault(.unknown, "the worker has no socket of listener \(name.listener)")
        }
        let listener = listeners[name.listener]
        let local = name.local ?? listener.settings.address.socketAddress
        guard let peer = SocketAddress(name.peer), peer.port != 0, !peer.isWildcard else {
            throw ChannelFault(.key, "PEER= is not an address with a port")
        }
        guard let local = SocketAddress(local) else {
            throw ChannelFault(.key, "LOCAL= is not an address with a port")
        }
        guard !local.isWildcard else {
            throw ChannelFault(
                .key, "LOCAL= is missing: the listener is bound to a wildcard address")
        }
        guard let flow = FlowTuple(peer: peer, local: local) else {
            throw ChannelFault(.key, "PEER= and LOCAL= are of different families")
        }
        return (flow, listener, slot)
    }

    private func check(_ result: PinResult, at listener: Listener) throws(ChannelFault) {
        switch result {
        case .done: break
        case .full: throw ChannelFault(.full, "the flow table has no room for it")
        case .unsupported:
            throw ChannelFault(
                .unsupported,
                "\(listener.settings.address) remembers no flows: \(listener.steeringReason)")
        }
    }
}
