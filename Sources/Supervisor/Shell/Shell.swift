import ControlProtocol
import HandoverCore
import Keeper
import Kernel
import Logging
import Record
import ServiceCore
import Settings
import Steering
import Systemd

/// One service's supervisor: the loop, the port, and the value that decides.
///
/// Everything happens on one thread. Whatever comes in becomes an input for the conductor.
final class Shell {
    let loop: EventLoop
    let log: Logger
    let port: KernelPort
    let conductor: Conductor<KernelPort>
    let looks: FlowLooks
    private let runtime: RuntimeDirectory
    let origin: SettingsOrigin?
    let watch: SettingsWatch?
    private var terminal = TerminalWatch(hasTerminal: hasControllingTerminal())
    private let reexec: Reexec
    private var signals: SignalWatch?
    private var children: SignalWatch?
    /// Stop signals that wait for what the service manager says.
    private var stopSignals = 0
    private var unitQuestion: Errand<OwnUnit?>?
    /// Done once, and gone then: it holds all that was found of a predecessor.
    private var first: ((Shell) -> Void)?
    private var lastWords = LastWords()
    /// Where what is printed is kept, if no journal keeps it.
    private let logFile: LogFile?
    /// What the server of a run binds that only finds out.
    var foundBinds: [String] = []

    /// - Parameters:
    ///   - state: what a predecessor has written down.
    ///   - first: what is done once all that can keep it from running is done.
    init(
        _ service: Service, _ port: KernelPort, _ context: StartContext,
        _ reexec: Reexec, origin: SettingsOrigin?, after state: PredecessorState? = nil,
        first: @escaping (Shell) -> Void
    ) {
        loop = context.loop
        log = context.log
        runtime = context.runtime
        self.port = port
        self.reexec = reexec
        self.origin = origin
        watch = origin.map { SettingsWatch($0, service.settings) }
        logFile = LogFile(of: service.settings.name, in: context.loop, context.log)
        self.first = first
        conductor = Conductor(service, port, after: state)
        looks = FlowLooks(in: context.loop)
        port.desk.logPlace = StandardStream.error.isJournal ? LogPlace.journal : logFile?.path
        connect()
    }

    /// Every owner's inputs go to the conductor.
    private func connect() {
        let take: (Input) -> Void = { [unowned self] in conductor.take($0) }
        let warn: (String, WorkerID?) -> Void = { [unowned self] in port.desk.warn($0, $1) }
        port.take = take
        port.desk.uses = { [unowned self] in port.processes.usesNow() }
        port.turn = { [unowned self] in conductor.turn() }
        port.processes.report = take
        port.processes.warned = warn
        port.processes.taken = { [unowned self] handle in
            port.speech.listen(to: handle)
            port.binds.listen(to: handle)
        }
        port.processes.printed = { [unowned self] in printed($0, $1, $2) }
        port.speech.report = take
        port.speech.warned = warn
        port.binds.report = take
        port.binds.warned = warn
        port.binds.mayConcern = { [unowned self] in conductor.service.mayConcern($0, of: $1) }
        port.binds.isOwnPort = { [unowned self] in conductor.service.isOwnPort($0, of: $1) }
        port.outside.warned = { warn($0, nil) }
        port.programs.warned = warn
        port.places.report = take
        port.places.warned = { warn($0, nil) }
        port.sockets.warned = { warn($0, nil) }
        port.desk.report = take
        port.desk.current = { [unowned self] in conductor.service.machine.current }
        port.desk.pid = { [unowned self] in conductor.service.workers[$0]?.pid }
        port.desk.willUpgrade = { [unowned self] in followSettings(for: $0, as: $1) }
        port.speech.willJoin = { [unowned self] in followSettings(forJoining: $0) }
        port.desk.unfollowed = { [unowned self] in
            watch?.unfollowed(serving: servedListeners) { port.sockets.idleTimes(asIn: $0) } ?? []
        }
        port.fileSettings = { [unowned self] in watch?.known }
        port.restore = { [unowned self] in watch?.restore($0, into: &$1) ?? [] }
        port.desk.program = { [unowned self] in program(of: $0) }
        port.desk.listeners = { [unowned self] in status(of: $0) }
        port.desk.tables = { [unowned self] in tables($0) }
        port.desk.compareSettings = { [unowned self] in comparedSettings }
        port.desk.explain = { [unowned self] in $0.map(explanation) }
        port.desk.look = { [unowned self] in look($0, answer: $1) }
        port.desk.changeFlow = { [unowned self] in change($0) }
        looks.steerings = { [unowned self] in
            shown.map(\.steering).filter { $0.untellable == nil }
        }
        looks.findPlaces = { [unowned self] in findPlaces() }
        looks.warned = { warn($0, nil) }
        reexec.settings = { [unowned self] in port.sockets.settings }
        reexec.whenSettled = { [unowned self] in port.places.whenSettled($0) }
        reexec.finish = { [unowned self] in
            port.finish()
            logFile?.finish(waiting: false)
        }
    }

    /// Lines go on to our own output; of a generation that is not current yet the last ones are kept
    /// for the report of its failure.
    private func printed(_ id: WorkerID, _ sink: OutputSink, _ lines: [[UInt8]]) {
        let generation = conductor.service.machine.generation(id.generation)
        let program = generation?.launch.command.first ?? port.sockets.settings.name
        port.desk.pass(lines, of: id, program, to: sink)
        switch generation?.phase {
        case .starting, .canary, .failed:
            lastWords.heard(lines, ofErrors: sink === OutputSink.standardError)
            conductor.take(
                .printed(id, lines.map { "[\(id)] " + String(decoding: $0, as: UTF8.self) }))
        case .current, .draining, .retiring, .stopped, nil: break
        }
    }

    // MARK: Running

    /// Runs until the service ends, or this process leaves it.
    func run() throws(SupervisorError) -> ServiceOutcome {
        try prepare()
        for listener in port.sockets.listeners {
            log.info("\(listener.settings.address): \(listener.steeringReason)")
        }
        port.sockets.scheduleSweeps()
        port.places.manager.feedWatchdog()
        first.take()?(self)
        do throws(KernelError) {
            // The first generation may have failed before the loop began.
            while !port.isGone { try loop.runOnce() }
        } catch {
            preconditionFailure("the event loop failed: \(error)")
        }
        return try finish()
    }

    /// The last that can keep it from running.
    private func prepare() throws(SupervisorError) {
        do throws(SupervisorError) {
            try watchSignals()
            try watchChildren()
            port.watchKeeper()
            let settings = port.sockets.settings
            let admission = try settings.admission()
            try port.desk.open(at: runtime.controlPath, admission)
            if let remark = settings.remarkOnControlGroup {
                log.log(level: remark.isWarning ? .warning : .notice, "\(remark.text)")
            }
            guard settings.joinPolicy != nil else { return }
            do throws(KernelError) {
                try port.speech.openJoining(
                    at: runtime.workersPath,
                    settings.controlGroupMay < .operate ? Admission(group: nil) : admission)
            } catch {
                throw SupervisorError("socket for joining workers: \(error)")
            }
        } catch {
            // With nothing of ours running but the keeper.
            if conductor.service.machine.generations.isEmpty { port.places.keeper.end() }
            throw error
        }
    }

    private func finish() throws(SupervisorError) -> ServiceOutcome {
        for watch in [signals, children] { if let watch { loop.remove(watch.token) } }
        if port.end != nil {
            port.desk.end()
            port.sockets.letGoOfGiven()
            port.places.emptyStore()
            let abandoned = port.places.keeper.abandoned
            port.places.keeper.end()
            // One that has just died may have started what was given up.
            port.processes.endStrays([], abandoned: abandoned)
        }
        port.processes.finishStrays()
        if port.end != nil {
            port.history.finish(conductor.service.history)
            runtime.clear()
        }
        if case .failed(let reason) = port.end {
            LogTail.shared.add([OutputEntry(fatal: lastWords.after(reason))])
        }
        logFile?.finish()
        OutputSink.standardOutput.flush()
        OutputSink.standardError.flush()
        let shows = port.sockets.settings.adopt == [.show]
        switch port.end {
        case .some where !foundBinds.isEmpty: return .shown(bindsShown)
        case .stopped where shows: return .shown(bindsShown)
        case .failed(let reason):
            if conductor.service.lacksPrivilege {
                throw SupervisorError(reason, isPermission: true)
            }
            return .failed(lastWords.after(reason))
        case .stopped: return .stopped
        case nil: return .left
        }
    }

    // MARK: Signals

    /// SIGHUP is an upgrade, SIGTERM and SIGINT a stop, the second one of them a stop at once.
    private func watchSignals() throws(SupervisorError) {
        do throws(KernelError) {
            signals = try SignalWatch(
                [SignalNumber.hangUp, SignalNumber.terminate, SignalNumber.interrupt], in: loop
            ) { [unowned self] received in
                switch received.signal {
                case SignalNumber.hangUp: hangUp(received)
                default: stopSignalled()
                }
            }
        } catch {
            throw SupervisorError("\(error)")
        }
    }

    /// Reads the settings again; with mistakes in them there is no upgrade.
    private func hangUp(_ received: SignalDescriptor.Received) {
        let isEnd = terminal.isItsEnd(
            isKernels: received.isKernels, isThere: hasControllingTerminal(),
            at: MonotonicClock.now())
        if isEnd {
            let name = port.sockets.settings.name
            log.notice("the terminal is gone: \(name) serves on; relevo stop \(name) ends it")
            return
        }
        guard let origin, let present = conductor.service.machine.launch else {
            return conductor.take(.hangUp(nil))
        }
        do {
            let sources = try ([origin.file] + dropIns(of: origin.file)).map {
                SettingsSource(file: $0, bytes: try readFile($0))
            }
            let found = try origin.launch(
                in: sources, command: present.command, workers: present.workers,
                followed: { (try? realPath($0)) ?? $0 })
            let launch = Launch(command: found.command, workers: found.workers)
            _ = followSettings(for: launch)
            conductor.take(.hangUp(launch))
        } catch let error as SettingsErrors {
            for error in error.errors { log.error("\(error)") }
            log.error("SIGHUP: no upgrade, for the settings are bad")
        } catch {
            log.error("SIGHUP: no upgrade: \(error)")
        }
    }

    /// The service manager is asked what a stop signal is for.
    private func stopSignalled() {
        stopSignals += 1
        guard port.places.manager.channel != nil else { return stop(for: nil) }
        guard unitQuestion == nil else { return }
        do throws(KernelError) {
            unitQuestion = try OwnUnit.ask(in: loop) { [unowned self] in stop(for: $0) }
        } catch {
            stop(for: nil)
        }
    }

    /// Hands in the stop signals that have come until now.
    private func stop(for unit: OwnUnit?) {
        unitQuestion = nil
        let count = stopSignals
        stopSignals = 0
        for _ in 0..<count { conductor.take(.stopSignal(stopPurpose(unit))) }
    }

    /// What a stop signal is for. Only where the service manager holds the life line may this process
    /// end alone: the keeper ends the workers when the manager lets go of it.
    private func stopPurpose(_ unit: OwnUnit?) -> StopPurpose {
        switch conductor.service.machine.service {
        case .stopping: return .stop
        case .idle, .running, .ended: break
        }
        if let unit, unit.isShuttingDown {
            return .shutdown(within: unit.stopTimeout ?? .seconds(90))
        }
        guard port.places.holdsLifeLine else { return .stop }
        guard let unit else { return .restart }
        switch unit.job {
        case .stop:
            warnOfLimit(unit.stopTimeout)
            return .stop
        case .none, .start, .restart, .reload, .other: return .restart
        }
    }

    /// The manager forgets at a daemon-reload, which every installation of a package does, that it was asked
    /// for more time than the unit has.
    private func warnOfLimit(_ limit: Duration?) {
        let policy = conductor.service.machine.policy
        guard let limit, conductor.service.settings.drains else { return }
        let wanted = policy.drainTimeoutAtStop.map { $0 + policy.linger + policy.stopTimeout }
        if let wanted, wanted <= limit { return }
        log.warning(
            """
            TimeoutStopSec= of the unit (\(limit)) is less than this stop may take \
            (\(wanted.map { "\($0)" } ?? "for ever")): a daemon-reload meanwhile would kill the workers
            """)
    }

    // MARK: Children

    /// Orphans reaped in one go: there may be ones that end without end.
    private static let batch = 64

    /// Becomes the parent of all that its keeper leaves should it die, and reaps what nobody knows.
    private func watchChildren() throws(SupervisorError) {
        do throws(KernelError) {
            try Reaping.adoptOrphans()
            children = try SignalWatch([SignalNumber.child], in: loop) { [unowned self] _ in
                reapOrphans()
            }
        } catch {
            throw SupervisorError("\(error)")
        }
    }

    private func reapOrphans() {
        var left = Self.batch
        while let pid = try? Reaping.deadChild() {
            // Who waits for it reaps it; then the next one can be seen.
            let isKnown = reexec.child == pid || port.processes.isKnown(pid)
            if isKnown || left == 0 {
                let again = MonotonicClock.now() + (isKnown ? .milliseconds(10) : .zero)
                _ = loop.schedule(at: again) { [unowned self] in reapOrphans() }
                return
            }
            left -= 1
            _ = try? Reaping.reap(pid)
        }
    }
}
