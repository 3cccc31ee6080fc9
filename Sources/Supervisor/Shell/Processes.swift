import Adoption
import ControlProtocol
import HandoverCore
import Keeper
import Kernel
import Logging
import ServiceCore
import Settings

/// The owner of the workers' processes: starts, signals, watches and lets go of them.
final class Processes {
    let loop: EventLoop
    private let log: Logger
    private let runtime: RuntimeDirectory
    private let places: Places
    let sockets: Sockets
    private let programs: HeldPrograms
    /// As whom the workers run; nil for the supervisor's own user.
    let identity: ProcessIdentity?
    private var handles: [WorkerID: WorkerHandle] = [:]
    /// Workers that the keeper has been asked for.
    private var starting: [WorkerID: StartingWorker] = [:]
    /// Workers that could not be asked of a keeper that has died: that is told, and the next one is asked.
    private var unasked: Set<WorkerID> = []
    private var uses = WorkerUses()
    /// Ends what a dead keeper may have started; until it is over nobody is started who looks the same.
    private var strays: ProcessHunt?
    /// Workers that are to be started once it is, in this order.
    private var waiting: [(id: WorkerID, service: Service)] = []
    /// What says whether a canary's next step may come.
    var check: LimitedCommand?
    var hook: LimitedCommand?
    /// Those whom it ends.
    private var hunted: Set<WorkerID> = []
    /// A server that ran before, until its worker is asked for.
    var running: RunningServer?
    /// What is handed in.
    var report: (Input) -> Void = { _ in }
    /// A worker is there to be listened to.
    var taken: (WorkerHandle) -> Void = { _ in }
    /// What a worker prints.
    var printed: (WorkerID, OutputSink, [[UInt8]]) -> Void = { _, _, _ in }
    var warned: (String, WorkerID?) -> Void = { _, _ in }

    init(
        _ runtime: RuntimeDirectory, _ places: Places, _ sockets: Sockets,
        _ programs: HeldPrograms, _ identity: ProcessIdentity?, in loop: EventLoop, _ log: Logger
    ) {
        self.runtime = runtime
        self.places = places
        self.sockets = sockets
        self.programs = programs
        self.identity = identity
        self.loop = loop
        self.log = log
    }

    subscript(id: WorkerID) -> WorkerHandle? { handles[id] }

    /// What the workers take of the machine.
    func usesNow() -> [WorkerID: ProcessUse] {
        uses.now(handles.keys.sorted(), at: MonotonicClock.now()) { id in
            handles[id].flatMap { $0.process.handle.use(asNumber: $0.pid) }
        }
    }

    var all: [WorkerHandle] { handles.values.sorted { $0.pid < $1.pid } }

    /// Whose messages are believed unseen.
    var trustedUsers: Set<UInt32> {
        Set([ProcessIdentity.effectiveUser] + (identity.map { [$0.uid] } ?? []))
    }

    // MARK: Starting

    /// Asks the keeper for a process on its slots.
    func spawn(_ id: WorkerID, of service: Service) {
        if takeRunning(as: id) { return }
        guard strays == nil else { return waiting.append((id, service)) }
        guard let launch = service.machine.generation(id.generation)?.launch else { return }
        do {
            try runtime.privateFolders.prepare(
                sockets.settings.privatePaths, of: id.generation)
            let notify = try NotifyEndpoint(for: id, in: runtime, owner: identity)
            let start = plan(id, launch, of: service, notifySocket: notify.path)
            sockets.setServer(of: id, at: service.banks.slots(of: id))
            let source = source(of: launch, for: id, spare: start.spareNumber, service)
            var out = try Pipe(nonBlockingReader: true)
            var err = try Pipe(nonBlockingReader: true)
            var channel = try UnixConnectionPair(kind: .sequencedPacket)
            let ends = WorkerEnds(
                out: SharedDescriptor(out.takeReader()), err: SharedDescriptor(err.takeReader()),
                notify: notify, channel: SharedDescriptor(channel.takeFirst().intoDescriptor()))
            // In safety before there is a process that counts on them.
            places.keep(ends, of: id)
            try places.keeper.spawn(
                id.keptName,
                try start.plan(
                    privateBase: runtime.privateFolders.path(of: id.generation), source),
                try start.descriptors(
                    out: out.takeWriter(), err: err.takeWriter(), channel: channel.takeSecond(),
                    source)
            ) { [unowned self] result in started(id, result) }
            starting[id] = StartingWorker(
                ends: ends, told: start.environment,
                given: given(id, service))
        } catch KeeperError.lost {
            unasked.insert(id)
        } catch {
            report(.spawnFailed(id, reason: "\(error)"))
        }
    }

    private func source(
        of launch: Launch, for id: WorkerID, spare: Int32, _ service: Service
    ) -> HeldSource? {
        guard let number = launch.program, let program = service.programs[number] else {
            return nil
        }
        return programs.source(number, program, for: id, spare: spare)
    }

    private func plan(
        _ id: WorkerID, _ launch: Launch, of service: Service, notifySocket: String
    ) -> WorkerStart {
        WorkerStart(
            id, launch, slots: sockets.slots(service.banks.slots(of: id)), sockets.listeners,
            stored: places.stored(service.store.entries(of: id.index)), sockets.settings,
            identity: identity, notifySocket: notifySocket)
    }

    private func started(_ id: WorkerID, _ result: Result<SpawnedWorker, KeeperError>) {
        guard let start = starting.removeValue(forKey: id) else { return }
        switch result {
        case .success(let spawned):
            let calls = endpoint(spawned.interception, of: id)
            let handle = WorkerHandle(
                id, spawned.process, start.ends.with(calls),
                told: start.told, given: start.given, isJoined: false, in: loop)
            places.keep(spawned.process, as: .worker(id, .process))
            take(handle)
            report(.workerSpawned(id, pid: handle.pid, answersBinds: calls != nil))
        case .failure(.lost): unasked.insert(id)
        case .failure(let error): report(.spawnFailed(id, reason: "\(error)"))
        }
    }

    /// What the worker's calls of bind(2) are answered through, where that is to be had.
    private func endpoint(
        _ interception: SpawnedWorker.Interception, of id: WorkerID
    ) -> BindEndpoint? {
        switch interception {
        case .off: return nil
        case .refused(let reason):
            warned(
                "worker \(id) runs without its bind(2) being answered "
                    + "(\(KernelError("seccomp", number: reason))): it has to take its sockets otherwise, through "
                    + "LISTEN_FDS or {fd}", id)
            return nil
        case .on(let calls):
            do throws(KernelError) {
                let endpoint = BindEndpoint(adopting: try calls.duplicateDescriptor())
                places.keep(endpoint, as: .worker(id, .calls))
                return endpoint
            } catch {
                warned("what worker \(id) binds cannot be answered: \(error)", id)
                return nil
            }
        }
    }

    /// Takes the server that ran before for the worker that was asked for.
    private func takeRunning(as id: WorkerID) -> Bool {
        guard let process = running?.process else { return false }
        running = nil
        let handle = WorkerHandle(
            id, process, WorkerEnds(out: nil, err: nil, notify: nil, channel: nil),
            told: nil, isJoined: false, in: loop)
        places.keep(process, as: .worker(id, .process))
        take(handle)
        // No child of the keeper's, which tells its children's ends alone.
        watchExit(id)
        log.notice("process \(process.pid) is worker \(id)", metadata: id.logFields)
        report(.workerSpawned(id, pid: process.pid, answersBinds: false))
        return true
    }

    /// Listens to a worker from here on, one that an earlier supervisor has started included.
    func take(_ handle: WorkerHandle) {
        handles[handle.id] = handle
        do {
            if let out = handle.ends.out {
                handle.outputs.append(try output(of: handle.id, out, to: .standardOutput))
            }
            if let err = handle.ends.err {
                handle.outputs.append(try output(of: handle.id, err, to: .standardError))
            }
        } catch {
            warned("what worker \(handle.id) prints is not heard: \(error)", handle.id)
        }
        taken(handle)
    }

    private func output(
        of id: WorkerID, _ reader: SharedDescriptor, to sink: OutputSink
    ) throws(KernelError) -> OutputPipe {
        try OutputPipe(reading: reader, in: loop) { [unowned self] in printed(id, sink, $0) }
    }

    /// What a worker was started with that an earlier supervisor has started.
    func environment(of id: WorkerID, of service: Service) -> WorkerEnvironment? {
        guard let launch = service.machine.generation(id.generation)?.launch else { return nil }
        return plan(id, launch, of: service, notifySocket: runtime.notifyPath(of: id)).environment
    }

    /// The numbers at which it was given its sockets, by their inodes.
    func given(_ id: WorkerID, _ service: Service) -> [UInt64: Int32] {
        WorkerStart.numbers(of: service.banks.slots(of: id), sockets.listeners)
    }

    // MARK: Telling and watching

    func signal(_ id: WorkerID, _ signal: Int32) {
        if let handle = handles[id] {
            guard handle.isJoined else {
                handle.send(signal)
                return
            }
            // Signals are its own system's, but for the one that ends it; who cannot be reached is given up.
            if signal == SignalNumber.kill, !handle.send(signal) {
                report(.workerExited(id, pid: handle.pid, .lost))
            }
        }
    }

    /// Gives up a worker that the keeper was asked for.
    func abandon(_ id: WorkerID) {
        if starting.removeValue(forKey: id) != nil {
            places.keeper.abandon(id.keptName)
        } else if unasked.remove(id) == nil {
            guard let index = waiting.firstIndex(where: { $0.id == id }) else { return }
            waiting.remove(at: index)
        }
        report(.spawnFailed(id, reason: "the keeper does not answer"))
    }

    func killStray(_ pid: Int32) {
        do {
            try ProcessHandle(opening: pid).signal(SignalNumber.kill)
        } catch {
            log.warning("process \(pid) cannot be ended: \(error)")
        }
    }

    /// Kills a process that says in its environment that it comes from a worker, and still does.
    func endLeftover(_ pid: Int32, of id: WorkerID) {
        let mark = Array(Reaping.mark(of: runtime.notifyPath(of: id)).utf8)
        // Held first: what is looked at is what is ended.
        guard let folder = KnownFolder(runtime.notifyFolder),
            let process = try? ProcessHandle(opening: pid),
            ProcessHunt.has([mark], of: folder, pid)
        else { return }
        _ = try? process.signal(SignalNumber.kill)
    }

    /// Has a worker's end noticed that the keeper is no parent of.
    func watchExit(_ id: WorkerID) {
        guard let handle = handles[id] else { return }
        let pid = handle.pid
        do throws(KernelError) {
            try handle.watch { [unowned self] in
                ended(id, pid, $0.map(WorkerExit.init) ?? .lost)
            }
        } catch {
            log.critical("the end of worker \(id) will not be noticed: \(error)")
        }
    }

    /// A worker's process has ended; it may be one of which no more is known than that.
    func ended(_ id: WorkerID, _ pid: Int32, _ how: WorkerExit) {
        // Closed outputs pass on the last lines, which the report of a failure shows.
        if handles[id]?.pid == pid { handles.removeValue(forKey: id)?.letGo() }
        report(.workerExited(id, pid: pid, how))
    }

    /// Lets go of all that was kept for a worker whose end is known.
    func letGo(_ id: WorkerID) {
        guard handles[id] == nil, starting[id] == nil else { return }
        places.keeper.release(id.keptName)
        places.forgetEnds(of: id)
    }

    func look(_ id: WorkerID, _ slots: [[ServiceCore.Slot]]) {
        guard let handle = handles[id] else { return }
        let looked = slots.joined().map { ($0.id, $0.inode) }
        report(.workerSeen(id, pid: handle.pid, handle.look(at: looked)))
    }

    // MARK: Strays

    /// Whether a dead child is one that somebody here waits for.
    func isKnown(_ pid: Int32) -> Bool {
        check?.pid == pid || hook?.pid == pid
            || handles.values.contains { $0.pid == pid || $0.readyCommand?.pid == pid }
    }

    /// Ends workers that a dead keeper may have started without a chance to say so, some at a time.
    func endStrays(_ ids: [WorkerID], abandoned: [String]) {
        starting = [:]
        unasked = []
        waiting.removeAll { ids.contains($0.id) }
        var names = Set(ids + abandoned.compactMap { WorkerID(kept: $0) })
        names.formUnion(hunted)
        guard !names.isEmpty, let folder = KnownFolder(runtime.notifyFolder) else { return }
        hunted = names
        let marks = Set(names.map { Array(Reaping.mark(of: runtime.notifyPath(of: $0)).utf8) })
        let path = runtime.keeperPath
        strays = ProcessHunt(
            in: loop,
            besides: { [unowned self] pid in
                pid == places.keeper.pid || handles.values.contains { $0.pid == pid }
            },
            where: { pid in
                // In this order: one that does not run its own program yet looks like its keeper.
                KeeperLink.isKeeper(pid, at: path) && folder.isMeant(by: pid)
                    || ProcessHunt.has(marks, of: folder, pid)
            },
            ended: { [unowned self] in straysAreGone() })
    }

    private func straysAreGone() {
        strays = nil
        hunted = []
        let now = waiting
        waiting = []
        for (id, service) in now { spawn(id, of: service) }
    }

    /// Ends what is left of them at once, for this process ends or becomes another program.
    func finishStrays() {
        guard let strays else { return }
        strays.finish()
        straysAreGone()
    }

    func removePrivateFolders(_ generation: GenerationID) {
        do throws(KernelError) {
            try runtime.privateFolders.remove(generation)
        } catch {
            warned("private folders of generation \(generation) are left: \(error)", nil)
        }
    }
}
