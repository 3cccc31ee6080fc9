import ChannelProtocol
import HandoverCore
import ServiceCore
import Settings
import Steering

/// Ids of sessions that say whose they are.
extension Sockets {
    /// What ids are made with that lead to a worker's socket.
    func seal(of socket: WelcomeSocket) -> IDSeal? {
        guard listeners.indices.contains(socket.listener) else { return nil }
        return listeners[socket.listener].steering.seal(of: socket.slot).map {
            IDSeal(stay: $0.stay, key: $0.key)
        }
    }

    /// Has ids that a worker's server makes lead to its slots.
    func setServer(of id: WorkerID, at slots: [[ServiceCore.Slot]]) {
        for slot in slots.joined() {
            guard self.slot(slot.id) != nil else { continue }
            let listener = listeners[slot.id.listener]
            guard let length = listener.settings.serverIDLength else { continue }
            listener.steering.setServer(
                ServerID(of: id, length: length).bytes, of: slot.id.number)
        }
    }
}
