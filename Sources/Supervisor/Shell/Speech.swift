import ChannelProtocol
import HandoverCore
import Keeper
import Kernel
import Logging
import ServiceCore
import Settings

/// The owner of what is said: notify sockets, worker channels, and processes that want to join.
final class Speech {
    private let loop: EventLoop
    private let log: Logger
    private let processes: Processes
    private let places: Places
    private let sockets: Sockets
    private var joining: JoinEndpoint?
    private var joiners: [JoinerID: JoiningWorker] = [:]
    private var lastJoiner = 0
    private var received: [ReceivedID: [ForeignDescriptor]] = [:]
    private var lastReceived = 0
    private var refused: Set<WorkerID> = []
    var report: (Input) -> Void = { _ in }
    /// Asked before a process that wants to join is reported.
    var willJoin: (WorkerMessage.Hello) -> Void = { _ in }
    var warned: (String, WorkerID?) -> Void = { _, _ in }

    init(
        _ processes: Processes, _ places: Places, _ sockets: Sockets, in loop: EventLoop,
        _ log: Logger
    ) {
        self.processes = processes
        self.places = places
        self.sockets = sockets
        self.loop = loop
        self.log = log
    }

    // MARK: Listening

    /// Listens to a worker that is there.
    func listen(to handle: WorkerHandle) {
        do {
            if let notify = handle.ends.notify { try listen(to: notify, handle.id, handle.pid) }
            if handle.channel == nil, let end = handle.ends.channel {
                bind(
                    try WorkerChannel(
                        UnixConnection(adopting: try end.duplicateDescriptor()), in: loop),
                    to: handle)
            }
        } catch {
            warned("worker \(handle.id) cannot be listened to: \(error)", handle.id)
        }
    }

    private func listen(
        to endpoint: NotifyEndpoint, _ id: WorkerID, _ pid: Int32
    ) throws(KernelError) {
        refused.remove(id)
        try endpoint.listen(
            in: loop, trusting: processes.trustedUsers,
            isOurs: { [unowned self] sender in
                processes[id]?.pid == pid && ProcessView.descends(sender.pid, from: pid)
            },
            refused: { [unowned self] sender in
                // The first one is told of; the rest would fill the log.
                guard refused.insert(id).inserted else { return }
                let who = sender.map { "process \($0.pid) of user \($0.uid)" } ?? "somebody"
                warned("\(who) spoke for worker \(id), of which it is no part: refused", id)
            },
            heard: { [unowned self] heard, descriptors in
                switch heard {
                case .success(let notification):
                    let (number, duplicates) = receive(&descriptors)
                    report(.notified(id, pid: pid, notification, number, duplicates: duplicates))
                    drop(number)
                case .failure(let error): warned("worker \(id) sent \(error)", id)
                }
            })
    }

    /// Lets what is said over a channel be what a worker says.
    private func bind(_ channel: WorkerChannel, to handle: WorkerHandle) {
        let id = handle.id
        let pid = handle.pid
        channel.heard = { [unowned self, unowned channel] request, descriptors in
            guard processes[id]?.channel === channel else { return }
            let (number, duplicates) = receive(&descriptors)
            report(.heard(id, pid: pid, request, number, duplicates: duplicates))
            drop(number)
        }
        channel.complained = { [unowned self] fault in
            warned("worker \(id) said what has no effect: \(fault)", id)
        }
        if handle.isJoined {
            channel.ended = { [unowned self, unowned channel] in
                if processes[id]?.channel === channel { processes.ended(id, pid, .lost) }
            }
        }
        handle.channel = channel
    }

    // MARK: Descriptors that come with messages

    /// Takes descriptors in, and finds those that are stored already.
    private func receive(_ list: inout DescriptorList) -> (ReceivedID?, [Int?]) {
        var taken: [ForeignDescriptor] = []
        while let descriptor = list.takeFirst() { taken.append(ForeignDescriptor(descriptor)) }
        guard !taken.isEmpty else { return (nil, []) }
        lastReceived += 1
        let number = ReceivedID(lastReceived)
        received[number] = taken
        return (number, taken.map { places.duplicate(of: $0) })
    }

    /// What nobody stored is closed.
    private func drop(_ number: ReceivedID?) { if let number { received[number] = nil } }

    func store(_ number: ReceivedID, _ numbers: [Int?]) {
        guard let taken = received.removeValue(forKey: number) else { return }
        for (descriptor, number) in zip(taken, numbers) {
            if let number { places.store(descriptor, as: number) }
        }
    }

    // MARK: Speaking

    /// Says something, and lends what belongs to it.
    func say(_ id: WorkerID, _ message: SupervisorMessage, _ request: UInt64?, _ lent: [Lent]) {
        guard let channel = processes[id]?.channel else { return }
        if case .error(let code, let reason) = message {
            return channel.refuse(ChannelFault(code, reason, id: request))
        }
        var message = message
        if case .welcome(var welcome) = message {
            channel.version = welcome.version
            for at in welcome.sockets.indices {
                welcome.sockets[at].seal = sockets.seal(of: welcome.sockets[at])
            }
            message = .welcome(welcome)
        }
        do throws(KernelError) {
            channel.say(message, id: request, try holders(lent))
        } catch {
            channel.refuse(ChannelFault(.failed, "\(error)", id: request))
        }
    }

    private func holders(_ lent: [Lent]) throws(KernelError) -> [any DescriptorHolder] {
        var holders: [any DescriptorHolder] = []
        for one in lent {
            switch one {
            case .slot(let id):
                guard let slot = sockets.slot(id) else { continue }
                holders.append(SharedDescriptor(try slot.duplicate()))
            case .stored(let number):
                if let descriptor = places.storedDescriptor(number) { holders.append(descriptor) }
            }
        }
        return holders
    }

    func tellDraining(_ id: WorkerID, _ deadline: Instant?, _ signal: Int32?, at now: Instant) {
        if let channel = processes[id]?.channel, channel.version != nil {
            channel.say(
                .drain(
                    deadline.map {
                        SupervisorMessage.Deadline(
                            milliseconds: $0.sinceStart.milliseconds,
                            millisecondsLeft: max(.zero, $0 - now).milliseconds)
                    }))
        }
        if let signal { processes[id]?.send(signal) }
    }

    func tellResumed(_ id: WorkerID) {
        if let channel = processes[id]?.channel, channel.version != nil { channel.say(.resume) }
    }

    func tellStopping(_ id: WorkerID, within time: Duration) {
        if let channel = processes[id]?.channel, channel.version != nil {
            channel.say(.stop(millisecondsLeft: time.milliseconds))
        }
    }

    /// Makes a link between two workers and gives both ends away.
    func link(_ order: LinkOrder) -> LinkResult {
        guard let channel = processes[order.asker]?.channel,
            let other = processes[order.peer], let peer = other.channel
        else { return .gone }
        do throws(KernelError) {
            var pair = try UnixConnectionPair(kind: .sequencedPacket)
            let first = SharedDescriptor(pair.takeFirst().intoDescriptor())
            let second = SharedDescriptor(pair.takeSecond().intoDescriptor())
            guard peer.offer(order.offered, [first]) else {
                // The keeper may not have told of its end yet.
                return (try? other.process.isReadable()) == true ? .gone : .busy
            }
            channel.say(order.asked, id: order.request, [second])
            return .made
        } catch {
            return .failed("\(error)")
        }
    }

    // MARK: Joining

    /// Opens the socket for workers that others start, where they may join.
    func openJoining(at path: String, _ admission: Admission) throws(KernelError) {
        joining = try JoinEndpoint(at: path, admission, in: loop) { [unowned self] worker in
            guard let hello = worker.hello else { return }
            lastJoiner += 1
            let id = JoinerID(lastJoiner)
            joiners[id] = worker
            let ended = worker.channel.ended
            worker.channel.ended = { [unowned self] in
                ended()
                guard joiners.removeValue(forKey: id) != nil else { return }
                report(.joinerGone(id))
            }
            willJoin(hello.message)
            report(
                .joinerGreeted(
                    id, hello.message, request: hello.request, pid: worker.process.pid))
        }
    }

    func refuse(_ id: JoinerID, _ code: ChannelErrorCode, _ reason: String) {
        guard let joiner = joiners.removeValue(forKey: id) else { return }
        joiner.refuse(code, reason)
        joining?.forget(joiner)
    }

    /// Makes a process that has joined the worker of an index.
    func seat(_ joiner: JoinerID, _ id: WorkerID, as pid: Int32) {
        guard let found = joiners.removeValue(forKey: joiner) else {
            // It has gone before anybody heard of that.
            return report(.workerExited(id, pid: pid, .lost))
        }
        joining?.forget(found)
        let ends = WorkerEnds(out: nil, err: nil, notify: nil, channel: found.end)
        // In safety before it counts on them.
        places.keep(ends, of: id)
        places.keep(found.process, as: .worker(id, .process))
        let handle = WorkerHandle(
            id, found.process, ends, told: nil, isJoined: true, in: loop)
        bind(found.channel, to: handle)
        processes.take(handle)
        processes.watchExit(id)
    }
}

extension Duration {
    /// Whole milliseconds of a time that is not negative.
    fileprivate var milliseconds: Int {
        Int(components.seconds) * 1000 + Int(components.attoseconds / 1_000_000_000_000_000)
    }
}
