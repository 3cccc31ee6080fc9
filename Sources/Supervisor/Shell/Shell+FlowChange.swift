import ControlProtocol
import HandoverCore
import Kernel
import Logging
import ServiceCore
import Settings
import Steering

/// Single flows that people end or hand on.
extension FlowDeed {
    init(_ question: FlowQuestion, moves: Bool) {
        self.init(
            peer: question.peer, to: question.to, listener: question.listener, moves: moves)
    }
}

extension Shell {
    /// Forgets the flows of a peer, or hands them to the current generation.
    func change(_ order: FlowDeed) -> ControlReply {
        do throws(FlowFault) {
            guard let peer = SocketAddress(order.peer), peer.port > 0 else {
                throw FlowFault("'\(order.peer)' is not an address with a port")
            }
            let found = try flows(of: peer.unmapped, order)
            var changes: [FlowChangeReply.Change] = []
            for one in found { changes.append(try change(one, order)) }
            return .flowChange(FlowChangeReply(changes: changes))
        } catch {
            return .error(.refused(reason: error.text))
        }
    }

    private struct FlowFault: Error {
        let text: String
        init(_ text: String) { self.text = text }
    }

    /// A live flow, and where it is.
    private struct FoundFlow {
        let flow: FlowTuple
        let listener: Listener
        let slot: Int
    }

    /// The live flows of a peer at the listeners that are meant.
    private func flows(
        of peer: SocketAddress, _ order: FlowDeed
    ) throws(FlowFault) -> [FoundFlow] {
        let meant = shown.filter {
            order.listener == nil || order.listener == "\($0.settings.address)"
                || order.listener == $0.name
        }
        if let name = order.listener, meant.isEmpty {
            throw FlowFault("there is no listener '\(name)'")
        }
        var to: SocketAddress?
        if let text = order.to {
            guard let read = SocketAddress(text) else {
                throw FlowFault("'\(text)' is not an address with a port")
            }
            to = read.unmapped
        }
        var found: [FoundFlow] = []
        for listener in meant {
            for local in locals(of: listener, to, isIPv6: peer.isIPv6) {
                guard let flow = FlowTuple(peer: peer, local: local),
                    let slot = listener.steering.slot(of: flow)
                else { continue }
                found.append(FoundFlow(flow: flow, listener: listener, slot: slot))
            }
        }
        if found.isEmpty { throw FlowFault(nothing(of: peer, meant, to)) }
        if let one = found.first(where: { $0.listener.steering.setup.mode.hasIDs }) {
            throw FlowFault(
                "the sessions of \(one.listener.settings.address) are told by their ids, not by their addresses: "
                    + "one that is forgotten here would still be found by its id")
        }
        return found
    }

    /// Why no flow was found.
    private func nothing(of peer: SocketAddress, _ meant: [Listener], _ to: SocketAddress?)
        -> String
    {
        let remembering = meant.filter(\.steering.remembersFlows)
        guard !remembering.isEmpty else {
            return "no flow is remembered here: the listeners' steering is stateless"
        }
        let hint =
            to == nil && remembering.contains { $0.address.isWildcard }
            ? "; where its datagrams arrive at an address that no interface has, say which (--to)"
            : ""
        return "no live flow has the peer \(peer)\(hint)"
    }

    /// The addresses at which datagrams of a family may come to a listener.
    private func locals(
        of listener: Listener, _ to: SocketAddress?, isIPv6: Bool
    ) -> [SocketAddress] {
        guard listener.settings.address.transport == .udp else { return [] }
        let own = listener.address.unmapped
        if let to { return to.port == own.port && to.isIPv6 == isIPv6 ? [to] : [] }
        guard listener.address.isWildcard else { return [own] }
        return InterfaceAddresses.all().filter { $0.isIPv6 == isIPv6 }.map { address in
            var address = address
            address.port = own.port
            return address
        }
    }

    private func change(
        _ found: FoundFlow, _ order: FlowDeed
    ) throws(FlowFault) -> FlowChangeReply.Change {
        let steering = found.listener.steering
        func place(_ slot: Int) -> SlotPlace {
            self.place(SlotID(listener: found.listener.number, number: slot))
        }
        let before = place(found.slot)
        var target: SlotPlace?
        if order.moves {
            guard let chosen = steering.chosenSlots?.sorted(), !chosen.isEmpty else {
                throw FlowFault("no generation has new flows, so that none can have this one")
            }
            // One that has it already keeps it.
            let slot =
                chosen.contains(found.slot)
                ? found.slot : chosen[Int(found.flow.peer.port) % chosen.count]
            if slot != found.slot { try pin(found, to: slot) }
            target = place(slot)
        } else {
            _ = steering.unpin(found.flow, from: found.slot)
        }
        log.notice(
            "flow of \(found.flow.peer) at \(found.listener.settings.address) \(order.moves ? "moved" : "ended") by request"
        )
        return FlowChangeReply.Change(
            peer: "\(found.flow.peer)", local: "\(found.flow.local)",
            listener: "\(found.listener.settings.address)", generation: before.generation,
            worker: before.worker, to: target)
    }

    private func pin(_ found: FoundFlow, to slot: Int) throws(FlowFault) {
        do throws(SteeringError) {
            switch try found.listener.steering.pin(found.flow, to: slot) {
            case .done: break
            case .full: throw SteeringError("the flow table is full")
            case .unsupported: throw SteeringError("this steering remembers no flows")
            }
        } catch {
            throw FlowFault("\(error)")
        }
    }
}
