import ChannelProtocol
import HandoverCore
import Kernel
import Logging
import ServiceCore
import Settings

extension Supervisor {
    /// Listens to what a worker says over its channel.
    func listen(to end: SharedDescriptor, of worker: Worker) throws(KernelError) {
        bind(
            try WorkerChannel(
                UnixConnection(adopting: try end.duplicateDescriptor()), in: loop),
            to: worker)
    }

    /// Lets what is said over a channel be what a worker says.
    func bind(_ channel: WorkerChannel, to worker: Worker) {
        let id = worker.id
        channel.heard = { [unowned self, unowned channel] request, descriptors in
            do throws(ChannelFault) {
                if let answer = try take(request, &descriptors, from: id, over: channel) {
                    channel.say(answer, id: request.id)
                }
            } catch {
                channel.refuse(ChannelFault(error.code, error.reason, id: request.id))
            }
        }
        channel.complained = { [unowned self] fault in
            warn("worker \(id) said what has no effect: \(fault)", id)
        }
        if worker.isJoined {
            channel.ended = { [unowned self, unowned channel] in
                if workers[id]?.channel === channel { workerEnded(id, .lost) }
            }
        }
        worker.channel = channel
    }

    /// Does what a worker asks for.
    ///
    /// - Returns: the answer, where there is one still to be sent.
    private func take(
        _ request: WorkerRequest, _ descriptors: inout DescriptorList, from id: WorkerID,
        over channel: WorkerChannel
    ) throws(ChannelFault) -> SupervisorMessage? {
        guard let worker = workers[id], worker.channel === channel else { return nil }
        let ok: SupervisorMessage? = request.id == nil ? nil : .ok
        if case .hello(let hello) = request.message {
            try welcome(worker, hello, request.id)
            return nil
        }
        guard channel.version != nil else {
            throw ChannelFault(.order, "HELLO comes first")
        }
        switch request.message {
        case .hello: break
        case .ready(let unread) where worker.isJoined:
            try joinedWorkerIsReady(worker, unread: Set(unread))
        case .ready:
            worker.readiness?.learn { judge in
                judge.speaksNotify = true
                judge.saidReady = true
            }
        case .failed(let reason):
            log.warning("worker \(id) says that it cannot serve: \(reason)", metadata: id.facts)
            submit(.workerFailed(id, reason))
        case .sessions(let count): submit(.workerSessions(id, count))
        case .drained: try drained(id)
        case .link(let target, let index, let label):
            try link(worker, to: target, index, label, request.id)
            return nil
        case .store(let name, let adds):
            try store(&descriptors, of: id, as: name, adds: adds)
        case .forget(let name): forgetStored(of: id, name)
        case .fetch:
            fetchStored(of: id, over: channel, request.id)
            return nil
        case .leave: try leave(id)
        case .pin(let flow): try pin(flow, of: id)
        case .unpin(let flow): try unpin(flow, of: id)
        }
        return ok
    }

    private func leave(_ id: WorkerID) throws(ChannelFault) {
        switch machine.generation(id.generation)?.phase {
        case .draining, .retiring, .stopped, .failed, nil: break
        case .starting: submit(.workerFailed(id, "it leaves before it is ready"))
        case .current:
            throw ChannelFault(.current, "nothing else would serve the flows of worker \(id)")
        }
    }

    private func drained(_ id: WorkerID) throws(ChannelFault) {
        switch machine.generation(id.generation)?.phase {
        case .draining, .retiring, .stopped, .failed: submit(.workerDrained(id))
        case .starting, .current, nil: throw ChannelFault(.order, "there is no drain")
        }
    }

    /// Says who the worker is, gives it what is its, and tells it what it has missed.
    func welcome(
        _ worker: Worker, _ hello: WorkerMessage.Hello, _ request: UInt64?
    ) throws(ChannelFault) {
        let id = worker.id
        guard let channel = worker.channel, let generation = machine.generation(id.generation),
            let bank = banks[id.generation]
        else { return }
        let version = min(hello.version, ChannelLimits.newestVersion)
        var sockets: [WelcomeSocket] = []
        var holders: [any DescriptorHolder] = []
        for (number, slots) in bank.slots(of: id.index).enumerated()
        where !listeners[number].settings.isAdopted {
            let listener = listeners[number]
            for slot in slots {
                sockets.append(
                    WelcomeSocket(
                        listener: number, slot: slot.number,
                        address: "\(listener.settings.address)", name: listener.name))
                guard hello.wantsSockets else { continue }
                do throws(KernelError) {
                    holders.append(SharedDescriptor(try slot.duplicate()))
                } catch {
                    throw ChannelFault(.failed, "\(error)")
                }
            }
        }
        let welcome = SupervisorMessage.Welcome(
            version: version, service: settings.name, generation: id.generation.number,
            worker: id.index, workers: generation.workers.count)
        let entries = stored.entries(of: id.index)
        var descriptors: [any DescriptorHolder] = entries.map(\.descriptor)
        for packet in SupervisorMessage.packets(
            welcome, sockets: sockets, stored: entries.map(\.name))
        {
            let some = hello.wantsSockets ? packet.sockets.count : 0
            channel.say(
                .welcome(packet), id: request,
                Array(holders.prefix(some)) + descriptors.prefix(packet.stored.count))
            holders.removeFirst(some)
            descriptors.removeFirst(packet.stored.count)
        }
        channel.version = version
        worker.readiness?.learn { $0.speaksNotify = true }
        tellWhereItStands(worker)
    }
}
