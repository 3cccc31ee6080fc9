package import Kernel

/// A supervisor's hold on its keeper.
///
/// Requests go out in order and are never waited for, but for `contents()` and `end()`. One that
/// cannot go out at once is queued.
package final class KeeperLink {
    /// How long an answer is waited for where there is nothing else to do.
    static let answerTimeout = Duration.seconds(5)

    /// Takes the start of a worker, or why there was none.
    package typealias Completion = (Result<SpawnedWorker, KeeperError>) -> Void

    /// The name under which the keeper keeps what a worker's calls of bind(2) are answered through.
    package static func callsName(of worker: String) -> String { "\(worker).calls" }

    let loop: EventLoop
    let channel: PacketStream
    private var process: KeptProcess?
    /// Whether this process has started it, and it is this one's to reap.
    private let isChild: Bool
    private var state = State.greeting
    /// When one that has not said a word by then is given up.
    private var patience: EventLoop.Token?
    /// Until its process has ended.
    private var burial: EventLoop.Token?
    /// Workers that it was asked for and may have started unheard.
    private var unheard: Set<String> = []
    /// Of workers that were asked for, by name and in the order in which that was; nil for who has been
    /// given up.
    private var completions: [String: [Completion?]] = [:]
    /// Workers that were given up and run nevertheless, until their end is known.
    private var strays: Set<String> = []
    /// What came of the interception of workers of which no more is known yet.
    private var interceptions: [String: SpawnedWorker.Interception] = [:]
    /// Ends that came before anybody could take them.
    private var early: [(String, ProcessExit)] = []
    /// The process that the keeper has under each name; until it is released it has no other one.
    private var numbers: [String: Int32] = [:]
    private var delivery: EventLoop.Token?
    /// Who waits until it has taken all that it was asked, and for how long at most.
    private var settled: [() -> Void] = []
    private var settling: EventLoop.Token?
    /// Lists that were asked for and are not whole yet, in this order.
    private var listings: [KeeperContents] = []
    /// The last list, as long as nothing was asked for after it.
    private var newest: KeeperContents?

    /// The keeper's number.
    package private(set) var pid: Int32 = 0
    /// A worker has ended, its group with it; told again to each supervisor until it is released.
    package var exited: (String, Int32, ProcessExit) -> Void = { _, _, _ in }
    /// It is at hand, or why it never will be; called once, from the event loop, for one that was not
    /// waited for.
    package var greeted: (KeeperError?) -> Void = { _ in }
    /// The keeper has died; starts under way fail after this.
    package var lost: () -> Void = {}
    /// Something for the log.
    package var complained: (String) -> Void = { _ in }
    /// The life line's other end has hung up: the service manager does not hold it.
    package var lifeLineLost: () -> Void = {}

    private enum State {
        case greeting
        case serving
        case refused(String)
        case lost
    }

    /// - Parameters:
    ///   - child: the keeper, where this process has started it.
    ///   - asksForContents: a list is on its way before `contents()` asks for it.
    init(
        _ connection: consuming UnixConnection, _ rule: StopRule, in loop: EventLoop,
        child: KeptProcess? = nil, asksForContents: Bool = false
    ) throws(KeeperError) {
        self.loop = loop
        process = child
        pid = child?.pid ?? 0
        isChild = child != nil
        do throws(KernelError) {
            channel = try PacketStream(connection, in: loop, PacketFormat.limits)
        } catch {
            throw .unreachable("\(error)")
        }
        channel.received = { [unowned self] in take($0, &$1) }
        channel.ended = { [unowned self] in end(.lost) }
        setStopRule(rule)
        if asksForContents { ask() }
    }

    deinit {
        for token in [delivery, patience, burial, settling] { if let token { loop.remove(token) } }
    }

    /// Waits until it is at hand.
    func waitForWelcome() throws(KeeperError) {
        try wait {
            switch state {
            case .greeting: false
            case .serving, .refused, .lost: true
            }
        }
    }

    /// Has `greeted` called; a keeper that says nothing is ended.
    func expectWelcome() {
        patience = loop.schedule(at: MonotonicClock.now() + Self.answerTimeout) {
            [unowned self] in
            patience = nil
            channel.close()
            end(.lost, .silent)
        }
    }

    /// How the keeper is to end the workers when the service ends without a supervisor.
    package func setStopRule(_ rule: StopRule) { request(.stopRule(rule)) }

    /// Has the keeper hold a duplicate under this name, instead of what had it.
    package func keep(
        _ holder: borrowing some DescriptorHolder & ~Copyable, as name: String
    ) throws(KernelError) {
        request(.keep(name), [try SharedDescriptor(duplicateOf: holder)])
    }

    package func forget(_ name: String) { request(.forget(name)) }

    /// Gives the keeper its end of the life line.
    package func holdLifeLine(_ end: consuming UnixConnection) {
        request(.lifeLine, [SharedDescriptor(end.intoDescriptor())])
    }

    /// Has a worker started; the completion is called from the event loop, once. It is not where
    /// this throws.
    package func spawn(
        _ name: String, _ plan: SpawnPlan, _ descriptors: consuming DescriptorPlan,
        completion: @escaping Completion
    ) throws(KeeperError) {
        guard channel.isOpen else { throw .lost }
        let placed = descriptors.takeAll()
        let all: [SharedDescriptor]
        do throws(KernelError) {
            let file = try MemoryFile(named: "relevo-plan")
            try file.replaceContents(
                with: CarriedPlan(plan, targets: placed.map(\.target)).bytes)
            all = [SharedDescriptor(file.intoDescriptor())] + placed.map(\.descriptor)
        } catch {
            throw .failed("\(error)")
        }
        completions[name, default: []].append(completion)
        var rest = all[...]
        var next = KeeperRequest.spawn(name)
        repeat {
            request(next, Array(rest.prefix(PacketFormat.mostDescriptors)))
            rest = rest.dropFirst(PacketFormat.mostDescriptors)
            next = .more
        } while !rest.isEmpty
    }

    /// Waits no more for a worker that was asked for: what is started of it nevertheless is ended at
    /// once, and nobody is told.
    package func abandon(_ name: String) {
        guard let count = completions[name]?.count, count > 0 else { return }
        completions[name]?[count - 1] = nil
    }

    /// The names of workers that were given up and may run nevertheless.
    package var abandoned: [String] {
        unheard.union(completions.filter { $0.value.contains { $0 == nil } }.keys).sorted()
    }

    /// The end of a worker is known, and its name is free again.
    package func release(_ name: String) {
        early.removeAll { $0.0 == name }
        numbers[name] = nil
        request(.release(name))
    }

    /// All that is kept, and every worker; waits for it.
    package func contents() throws(KeeperError) -> KeeperContents {
        let contents = newest ?? ask()
        newest = nil
        try wait { !listings.contains { $0 === contents } }
        return contents
    }

    @discardableResult
    private func ask() -> KeeperContents {
        let contents = KeeperContents()
        listings.append(contents)
        request(.list)
        newest = contents
        return contents
    }

    /// The service has ended: waits until the keeper is gone. One that does not go in time is
    /// killed; it has no worker left that could miss it.
    package func end() {
        lost = {}
        greeted = { _ in }
        // It ends by itself.
        let process = self.process.take()
        request(.end)
        let deadline = MonotonicClock.now() + Self.answerTimeout
        settle(until: deadline)
        guard let process else { return }
        let left = deadline - MonotonicClock.now()
        if (try? process.wait(for: .readable, within: left)) == false {
            _ = try? process.handle.signal(SignalNumber.kill)
            _ = try? process.wait(for: .readable, within: Self.answerTimeout)
        }
        // Nobody else would where this process is a container's first.
        if isChild { _ = try? Reaping.reap(process.pid) }
    }

    /// Calls `done` from the loop once the keeper has taken all that it was asked, or is gone, or after 5 s.
    package func whenSettled(_ done: @escaping () -> Void) {
        settled.append(done)
        channel.drained = { [unowned self] in
            if channel.backlog == 0 { tellSettled() }
        }
        guard settling == nil else { return }
        let isSettled = channel.backlog == 0 || !channel.isOpen
        let limit = isSettled ? .zero : Self.answerTimeout
        settling = loop.schedule(at: MonotonicClock.now() + limit) { [unowned self] in
            tellSettled()
        }
    }

    private func tellSettled() {
        if let token = settling.take() { loop.remove(token) }
        let told = settled
        settled = []
        for tell in told { tell() }
    }

    private func settle(until deadline: Duration) {
        while channel.isOpen, channel.backlog > 0, MonotonicClock.now() < deadline {
            _ = try? channel.turn(within: deadline - MonotonicClock.now())
        }
    }

    private func request(_ request: KeeperRequest, _ holders: [any DescriptorHolder] = []) {
        newest = nil
        channel.send(request.bytes, holders)
    }

    /// Waits until something is so; what arrives meanwhile is taken in, ends for later.
    private func wait(until isReached: () -> Bool) throws(KeeperError) {
        let deadline = MonotonicClock.now() + Self.answerTimeout
        while true {
            switch state {
            case .refused(let words): throw .refused(words)
            case .lost: throw .lost
            case .greeting, .serving: if isReached() { return }
            }
            let left = deadline - MonotonicClock.now()
            guard left > .zero else { throw .silent }
            do throws(KernelError) {
                try channel.turn(within: left)
            } catch {
                throw .unreachable("\(error)")
            }
        }
    }

    private func take(_ bytes: [UInt8], _ descriptors: inout DescriptorList) {
        let report: KeeperReport
        do throws(PacketError) {
            report = try KeeperReport(parsing: bytes)
        } catch {
            return complained("the keeper sent what is no report: \(error)")
        }
        switch report {
        case .welcome(let pid):
            self.pid = pid
            if process == nil { process = try? KeptProcess(opening: pid) }
            state = .serving
            if isExpected() { greeted(nil) }
        case .refused(let words): state = .refused(words)
        case .contents(let entries):
            for case .running(let name, let pid) in entries { numbers[name] = pid }
            for case .ended(let name, let pid, _) in entries { numbers[name] = pid }
            listings.first?.add(entries, &descriptors)
        case .listed: if !listings.isEmpty { listings.removeFirst() }
        case .spawned(let name, let pid):
            numbers[name] = pid
            guard let descriptor = descriptors.takeFirst() else {
                return complete(name, .failure(.failed("its pidfd was lost on the way")))
            }
            let interception = interceptions.removeValue(forKey: name) ?? .off
            complete(
                name, .success(SpawnedWorker(KeptProcess(pid, descriptor), interception)))
        case .intercepted(let name, let reason):
            if let calls = descriptors.takeFirst() {
                interceptions[name] = .on(SharedDescriptor(calls))
            } else {
                interceptions[name] = .refused(errno: reason)
            }
        case .failed(let name, let reason): complete(name, .failure(.failed(reason)))
        case .exited(let name, let exit): tell(name, exit)
        case .lifeLineLost: lifeLineLost()
        case .complaint(let words): complained("the keeper says: \(words)")
        }
    }

    private func complete(_ name: String, _ result: Result<SpawnedWorker, KeeperError>) {
        guard var waiting = completions[name], !waiting.isEmpty else { return }
        let completion = waiting.removeFirst()
        completions[name] = waiting.isEmpty ? nil : waiting
        if let completion { return completion(result) }
        guard case .success(let worker) = result else { return }
        strays.insert(name)
        _ = try? worker.process.handle.signal(SignalNumber.kill)
    }

    /// Passes ends on from the loop only, so that nobody is told before it can listen.
    private func tell(_ name: String, _ exit: ProcessExit) {
        if strays.remove(name) != nil { return request(.release(name)) }
        early.append((name, exit))
        guard delivery == nil else { return }
        delivery = loop.schedule(at: MonotonicClock.now()) { [weak self] in self?.deliver() }
    }

    private func deliver() {
        delivery = nil
        let ends = early
        early = []
        for (name, exit) in ends {
            exited(name, numbers[name] ?? 0, exit)
        }
    }

    /// The channel is closed, by it or by us.
    private func end(_ state: State, _ reason: KeeperError = .lost) {
        let told: () -> Void
        tellSettled()
        switch self.state {
        case .lost: return
        case .refused(let words):
            told = isExpected() ? { [self] in greeted(.refused(words)) } : {}
        case .greeting:
            self.state = state
            told = isExpected() ? { [self] in greeted(reason) } : {}
        case .serving:
            self.state = state
            deliver()
            told = { [self] in lost() }
        }
        // Who is told may let go of this.
        bury { [self] in
            unheard.formUnion(completions.keys)
            told()
            let failed = completions
            completions = [:]
            for completion in failed.values.flatMap(\.self) { completion?(.failure(.lost)) }
        }
    }

    /// Waits for the end of its process, of no use any more: only then its children are this process's.
    private func bury(_ done: @escaping () -> Void) {
        guard let process else { return done() }
        _ = try? process.handle.signal(SignalNumber.kill)
        do throws(KernelError) {
            burial = try loop.register(process) { [self] _ in
                if let token = burial.take() { loop.remove(token) }
                done()
            }
        } catch {
            done()
        }
    }

    /// Whether its greeting is awaited by the event loop, which ends with this.
    private func isExpected() -> Bool {
        guard let token = patience.take() else { return false }
        loop.remove(token)
        return true
    }
}
