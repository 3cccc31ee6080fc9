import ChannelProtocol
import HandoverCore
import Kernel
import Logging

extension Supervisor {
    /// Stores what came with a message for the successors of a worker.
    func store(
        _ descriptors: inout DescriptorList, of id: WorkerID, as name: String, adds: Bool
    ) throws(ChannelFault) {
        var taken: [ForeignDescriptor] = []
        while let descriptor = descriptors.takeFirst() {
            taken.append(ForeignDescriptor(descriptor))
        }
        guard !taken.isEmpty else {
            throw ChannelFault(.descriptors, "there is no descriptor to be stored")
        }
        let change = try stored.store(taken, index: id.index, name: name, adds: adds)
        // In safety before it is written down, and written down before anything else goes.
        for entry in change.new { vault.keep(entry.descriptor, as: .stored(entry.number)) }
        saveRecord()
        for entry in change.gone { vault.forget(.stored(entry.number)) }
    }

    /// Drops what a worker, or one before it, has stored under a name.
    func forgetStored(of id: WorkerID, _ name: String) {
        let gone = stored.forget(index: id.index, name: name)
        if gone.isEmpty { return }
        saveRecord()
        for entry in gone { vault.forget(.stored(entry.number)) }
    }

    /// Hands a worker all that is stored for it.
    func fetchStored(of id: WorkerID, over channel: WorkerChannel, _ request: UInt64?) {
        let entries = stored.entries(of: id.index)
        var rest = entries.map(\.descriptor)[...]
        for (message, count) in SupervisorMessage.packets(stored: entries.map(\.name)) {
            channel.say(message, id: request, Array(rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
    }

    /// What came with `FDSTORE=1` or `FDSTOREREMOVE=1` of sd_notify(3).
    func takeStored(
        _ notification: Notification, _ descriptors: inout DescriptorList, from id: WorkerID
    ) {
        if notification.removesStored, let name = notification.storedName {
            forgetStored(of: id, name)
        }
        guard notification.storesDescriptors else { return }
        do throws(ChannelFault) {
            try store(
                &descriptors, of: id, as: notification.storedName ?? "stored", adds: true)
        } catch {
            warn("worker \(id) sent FDSTORE=1: \(error)", id)
        }
    }
}
