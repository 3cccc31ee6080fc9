import ChannelProtocol
import HandoverCore
import Keeper
import Kernel
import Record
import ServiceCore
import Settings
import Steering

/// What the port itself writes down: what the rules need not know of the listeners.
enum PortRecord {
    static let settings = RecordKey(kind: RecordFormat.firstOfPort)

    static func listener(_ number: Int) -> RecordKey {
        RecordKey(kind: RecordFormat.firstOfPort + 1, number)
    }

    /// What counts as said by the settings file. An older version does without.
    static let fileSettings = RecordKey(kind: RecordKey.firstSkippable)

    /// Whether a part is of a kind that this version knows.
    static func knows(_ kind: UInt16) -> Bool {
        RecordFormat.knows(kind)
            || RecordFormat.firstOfPort...RecordFormat.firstOfPort + 1 ~= kind
            || kind == fileSettings.kind
    }

    /// A listener beside its sockets, which are kept by name.
    struct Listener: Codable, Equatable {
        var steering: SteeringMemo
        var givenSlots: Int
        var v6Only: Bool?
        var address: SocketAddress
        var socketsPerWorker: Int
        var sharesAddress: Bool
        var bindsFreely: Bool
        var bindsTransparently: Bool
        /// The interface that its sockets hear alone; not in older records.
        var interface: String?
        /// Datagrams dropped at closed sockets of which nobody knows why; not in older records.
        var possibleDrops: Int?
        /// By slot, when a filter was there that cannot count what it drops.
        var groups: [Int: ClassicSpell]?
    }
}

extension Sockets {
    /// The port's own parts of the record; the log leaves out what has not changed.
    func parts() -> [RecordChange] {
        var changes: [RecordChange] = [
            .set(PortRecord.settings, Array(settings.render().utf8))
        ]
        for listener in listeners {
            if let bytes = try? RecordValue.bytes(of: listener.part) {
                changes.append(.set(PortRecord.listener(listener.number), bytes))
            }
        }
        return changes
    }

    /// A socket that was not kept, from the worker that has it (needs the right to trace it).
    func recover(_ id: SlotID, inode: UInt64, from process: KeptProcess) -> Slot? {
        let listener = listeners[id.listener]
        let folder = "/proc/\(process.pid)/fd"
        for name in (try? listFolder(folder)) ?? [] {
            guard let number = Int32(name),
                (try? readLink("\(folder)/\(name)")) == "socket:[\(inode)]",
                let socket = try? process.handle.descriptor(at: number),
                let slot = try? Slot(
                    id.number, adopting: socket, isStream: listener.settings.isStream),
                slot.inode == inode, (try? listener.readopt(slot)) != nil
            else { continue }
            listener.keep(slot)
            return slot
        }
        return nil
    }

    /// Pins or unpins a flow.
    func pin(_ order: FlowOrder) -> ChannelFault? {
        let listener = listeners[order.slot.listener]
        let result: PinResult
        do throws(ChannelFault) {
            let flow = try tuple(order.flow, at: listener)
            if order.pins {
                do throws(SteeringError) {
                    result = try listener.steering.pin(flow, to: order.slot.number)
                } catch {
                    return ChannelFault(.failed, "\(error)")
                }
            } else {
                result = listener.steering.unpin(flow, from: order.slot.number)
            }
        } catch {
            return error
        }
        switch result {
        case .done: return nil
        case .full: return ChannelFault(.full, "the flow table has no room for it")
        case .unsupported:
            return ChannelFault(
                .unsupported,
                "\(listener.settings.address) remembers no flows: \(listener.steeringReason)")
        }
    }

    private func tuple(
        _ name: FlowName, at listener: Listener
    ) throws(ChannelFault) -> FlowTuple {
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
        return flow
    }
}

extension Listener {
    /// What the next supervisor must know besides the descriptors.
    var part: PortRecord.Listener {
        var part = PortRecord.Listener(
            steering: steering.memo, givenSlots: givenSlots, v6Only: v6Only, address: address,
            socketsPerWorker: socketsPerWorker, sharesAddress: sharesAddress,
            bindsFreely: bindsFreely.free, bindsTransparently: bindsFreely.transparent)
        part.interface = interface
        part.possibleDrops = possibleDropsOfClosedSockets > 0 ? possibleDropsOfClosedSockets : nil
        for slot in slots.values {
            guard case .uncounted(let spell) = slot.hearing else { continue }
            part.groups = (part.groups ?? [:]).merging([slot.number: spell]) { $1 }
        }
        return part
    }
}
