import Kernel
import Packs

/// Who has flows: told by the program while somebody looks, for the table has no addresses.
///
/// Listeners that share a table share what is told: one of them looks and takes for all.
extension Steering {
    /// Why it cannot be told; nil where it can.
    package var untellable: String? { machine.untellable }

    /// How long it takes until every flow that sends has been told of once. A flow that sends nothing is not told of.
    package var tellingInterval: Duration { machine.tellingInterval }

    /// Has the programs of the table tell for two seconds from now. It is called again as long as somebody looks.
    package func look() throws(SteeringError) {
        guard let peers = machine.peers else { return }
        do throws(KernelError) {
            try peers.look()
        } catch {
            throw SteeringError(error)
        }
    }

    /// Nobody looks any more.
    package func endLook() { machine.peers?.end() }

    /// Takes what was told of the table's flows, so many at most.
    ///
    /// - Returns: how many were taken; less than asked for where there are no more.
    package func takePeers(atMost most: Int, _ body: (ToldPeer) -> Void) -> Int {
        machine.peers?.take(atMost: most, body) ?? 0
    }

    /// The slots of this listener, by the number that what is told has for their stays.
    package var stays: [PeerStay: Int] {
        guard let table = machine.sharedTable, let member = machine.tableMember else { return [:] }
        return Dictionary(
            uniqueKeysWithValues: table.open(of: member).map {
                (PeerStay(member: member, number: $0.value), $0.key)
            })
    }

    /// The live flows of each placed slot that were seen within this time, as far as the table has written it.
    package func flows(seenWithin time: Duration) -> [Int: Int] { machine.flows(seenWithin: time) }

    /// The id of the session that a datagram is of; nil where it has none, or where ids are learned none that is known.
    package func sessionID(of peer: ToldPeer) -> [UInt8]? {
        guard setup.mode.hasIDs, let flow = peer.flow else { return nil }
        if let pack = setup.pack {
            let rest = max(0, peer.payloadSize - peer.payload.count)
            return pack.match(peer.payload + [UInt8](repeating: 0, count: rest)).id
        }
        let datagram = ExplainedDatagram(flow, payload: peer.payload, size: peer.payloadSize)
        for step in explain(datagram).steps {
            if case .id(let id) = step.key, step.outcome == .found { return id }
        }
        return nil
    }

    /// The slot that a flow is pinned to; nil where it has none that is live.
    package func slot(of flow: FlowTuple) -> Int? { machine.slot(of: flow) }
}

/// A stay in a slot, as what is told of a peer names it.
package struct PeerStay: Hashable, Sendable {
    let member: Int
    let number: Int
}

extension ToldPeer {
    package var stay: PeerStay { PeerStay(member: member, number: placement) }
}
