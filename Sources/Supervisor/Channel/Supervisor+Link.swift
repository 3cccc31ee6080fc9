import ChannelProtocol
import HandoverCore
import Kernel

extension Supervisor {
    /// Makes a link between two workers and gives both ends away; the answer is one of them.
    func link(
        _ worker: Worker, to target: LinkTarget, _ index: Int?, _ label: String?,
        _ request: UInt64?
    ) throws(ChannelFault) {
        let id = worker.id
        guard let channel = worker.channel else { return }
        let generation = try generation(target, seenFrom: id.generation)
        let peerID = WorkerID(
            generation.id, index ?? id.index % max(generation.workers.count, 1))
        guard peerID != id else { throw ChannelFault(.self, "a link to oneself") }
        guard let peer = workers[peerID] else {
            throw ChannelFault(.unknown, "no worker \(peerID) lives")
        }
        guard let peerChannel = peer.channel, peerChannel.version != nil else {
            throw ChannelFault(.mute, "worker \(peerID) does not use its channel")
        }
        guard channel.linkAllowance.take(at: MonotonicClock.now()) else {
            throw ChannelFault(.limit, "too many links in a short time")
        }
        let ends = try linkEnds()
        let offered = SupervisorMessage.LinkEnd(
            role: .offered, generation: id.generation.number, worker: id.index, label: label)
        guard peerChannel.offer(.link(offered), [ends.0]) else {
            throw ChannelFault(.busy, "worker \(peerID) does not read its channel")
        }
        let asked = SupervisorMessage.LinkEnd(
            role: .asked, generation: generation.id.number, worker: peerID.index, label: label)
        channel.say(.link(asked), id: request, [ends.1])
    }

    private func linkEnds() throws(ChannelFault) -> (SharedDescriptor, SharedDescriptor) {
        do throws(KernelError) {
            var pair = try UnixConnectionPair(kind: .sequencedPacket)
            return (
                SharedDescriptor(pair.takeFirst().intoDescriptor()),
                SharedDescriptor(pair.takeSecond().intoDescriptor())
            )
        } catch {
            throw ChannelFault(.failed, "\(error)")
        }
    }

    /// The living generation that a worker means.
    private func generation(
        _ target: LinkTarget, seenFrom own: GenerationID
    ) throws(ChannelFault) -> Generation {
        let living = machine.generations.filter { generation in
            generation.workers.contains { workers[WorkerID(generation.id, $0.index)] != nil }
        }
        switch target {
        case .generation(let number):
            if let found = living.first(where: { $0.id.number == number }) { return found }
            throw ChannelFault(.unknown, "no generation \(number) lives")
        case .current:
            if let found = living.first(where: { $0.phase == .current }) { return found }
            throw ChannelFault(.unknown, "no generation is current")
        case .older:
            if let found = living.last(where: { $0.id < own }) { return found }
            throw ChannelFault(.unknown, "no older generation lives")
        case .newer:
            if let found = living.first(where: { $0.id > own }) { return found }
            throw ChannelFault(.unknown, "no newer generation lives")
        }
    }
}
