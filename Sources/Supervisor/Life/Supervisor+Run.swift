import ControlProtocol
import HandoverCore
import Keeper
import Kernel
package import Logging
package import Settings
import Steering
package import Systemd

extension Supervisor {
    /// How a service ended, for the exit code.
    package enum Outcome: Equatable {
        case stopped
        case failed(String)
        /// It was only to find out what the server binds, and has.
        case shown(String)
        /// The process ends, the service does not.
        case left
    }

    /// Runs a service to its end, from its beginning or from where a predecessor left it.
    ///
    /// - Parameters:
    ///   - origin: what SIGHUP reads again.
    ///   - resumes: whether a service that runs without its supervisor is taken over.
    ///   - inherited: what the service manager has handed over.
    ///   - process: a server that runs already and becomes the first generation.
    /// - Throws: what kept it from starting; then nothing has been started, and nothing that a
    ///   predecessor left has been touched.
    package static func run(
        _ settings: ServiceSettings, from origin: SettingsOrigin? = nil, resumes: Bool,
        inherited: InheritedDescriptors,
        adopting process: Int32? = nil, log: Logger
    ) throws(SupervisorError) -> Outcome {
        do throws(KernelError) {
            try ignoreSignal(SignalNumber.pipe)
            // Of a memory file, too: then a write fails, and who wrote says so.
            try ignoreSignal(SignalNumber.fileTooLarge)
        } catch {
            throw SupervisorError("\(error)")
        }
        let given = GivenSockets(inherited.sockets)
        let runtime = try RuntimeDirectory(
            name: settings.name,
            isShared: NotifyEndpoint.isOpen(to: nil) || settings.user != nil
                || settings.controlGroup != nil)
        // Until the keeper is connected, and keeps others out.
        let lock = try runtime.lock(for: settings.name)
        var (supervisor, legacy) = try make(
            settings, runtime, inherited, given, resumes: resumes, adopting: process, log)
        supervisor.origin = origin
        let (signals, children) = try supervisor.prepare()
        _ = consume lock
        supervisor.announce()
        supervisor.scheduleSweeps()
        supervisor.scheduleLooks()
        supervisor.manager.feedWatchdog()
        // Not held longer: it holds the workers' descriptors.
        if let legacy = legacy.take() {
            supervisor.resume(legacy)
        } else {
            supervisor.useStore(holding: Set(inherited.stored.map(\.name)))
            supervisor.manager.askForTime()
            if settings.adopt == [.show] { supervisor.showBinds() }
            supervisor.start()
        }
        do throws(KernelError) {
            // The first generation may have failed before the loop began.
            while supervisor.end == nil, !supervisor.leaves { try supervisor.loop.runOnce() }
        } catch {
            preconditionFailure("the event loop failed: \(error)")
        }
        supervisor.loop.remove(signals.token)
        supervisor.loop.remove(children.token)
        if supervisor.end == nil {
            supervisor.settleStore()
        } else {
            supervisor.events.end(
                ServiceEvent(time: timestamp, kind: .stopped, message: settings.name))
            for listener in supervisor.listeners { listener.letGoOfGiven() }
            supervisor.emptyStore()
            supervisor.keeper.end()
            runtime.clear()
        }
        OutputSink.standardOutput.flush()
        OutputSink.standardError.flush()
        switch supervisor.end {
        case .some where !supervisor.foundBinds.isEmpty: return .shown(supervisor.bindsShown)
        case .stopped where settings.adopt == [.show]: return .shown(supervisor.bindsShown)
        case .failed(let reason):
            if supervisor.lacksPrivilege { throw SupervisorError(reason, isPermission: true) }
            return .failed(reason)
        case .stopped: return .stopped
        case nil: return .left
        }
    }

    /// A supervisor that begins, or one that goes on with what a predecessor has left.
    private static func make(
        _ settings: ServiceSettings, _ runtime: RuntimeDirectory,
        _ inherited: InheritedDescriptors, _ given: GivenSockets, resumes: Bool,
        adopting process: Int32?, _ log: Logger
    ) throws(SupervisorError) -> (Supervisor, Legacy?) {
        let loop: EventLoop
        do throws(KernelError) {
            loop = try EventLoop()
        } catch {
            throw SupervisorError("\(error)")
        }
        let legacy = try Legacy.find(inherited.stored, runtime, settings, loop, log)
        guard let legacy else {
            return (try begin(settings, given, adopting: process, runtime, loop, log), nil)
        }
        guard resumes || !inherited.stored.isEmpty else {
            throw SupervisorError(
                "\(settings.name) runs on without its supervisor; relevo run --resume takes it "
                    + "over, kill \(legacy.surroundings.keeper.pid) ends its workers")
        }
        return (try Supervisor(resuming: legacy, settings), legacy)
    }

    private static func begin(
        _ settings: ServiceSettings, _ given: GivenSockets, adopting process: Int32?,
        _ runtime: RuntimeDirectory, _ loop: EventLoop, _ log: Logger
    ) throws(SupervisorError) -> Supervisor {
        if let process {
            let running = try RunningServer(process)
            var settings = settings
            settings.listeners = try running.listeners(settings)
            settings.workers = 1
            return try beginning(settings, given, running, runtime, loop, log)
        }
        if let fault = given.faults.first { throw SupervisorError("\(fault)") }
        guard !settings.listeners.isEmpty || !settings.adopt.isEmpty else {
            throw SupervisorError("there is no listener, and systemd hands no socket over")
        }
        for warning in given.warnings { log.warning("\(warning)") }
        return try beginning(settings, given, nil, runtime, loop, log)
    }

    private static func beginning(
        _ settings: ServiceSettings, _ given: GivenSockets, _ running: RunningServer?,
        _ runtime: RuntimeDirectory, _ loop: EventLoop, _ log: Logger
    ) throws(SupervisorError) -> Supervisor {
        let supervisor = try Supervisor(
            beginning: settings, given, running: running, runtime, loop, log)
        do throws(SupervisorError) {
            try supervisor.tryRecord()
        } catch {
            supervisor.keeper.end()
            throw error
        }
        return supervisor
    }

    private func start() {
        guard !settings.command.isEmpty else {
            log.notice("waits for workers to join")
            manager.sayReady()
            return
        }
        submit(.start(settings.launch))
    }

    /// The last that can keep it from running.
    private func prepare() throws(SupervisorError) -> (SignalWatch, SignalWatch) {
        do throws(SupervisorError) {
            let watches = (try watchSignals(), try watchChildren())
            watchKeeper()
            try openControl()
            try openJoining()
            return watches
        } catch {
            // With nothing of ours running but the keeper.
            if machine.generations.isEmpty { keeper.end() }
            throw error
        }
    }

    private func announce() {
        for listener in listeners {
            log.info("\(listener.settings.address): \(listener.steeringReason)")
        }
    }

    /// SIGHUP is an upgrade, SIGTERM and SIGINT a stop, the second one of them a stop at once.
    private func watchSignals() throws(SupervisorError) -> SignalWatch {
        do throws(KernelError) {
            return try SignalWatch(
                [SignalNumber.hangUp, SignalNumber.terminate, SignalNumber.interrupt], in: loop
            ) { [unowned self] signal in
                switch signal {
                case SignalNumber.hangUp: upgradeBySignal()
                default: stopBySignal()
                }
            }
        } catch {
            throw SupervisorError("\(error)")
        }
    }

    private func stopBySignal() {
        switch machine.service {
        case .stopping:
            log.notice("second signal: stop at once")
            submit(.stop(nil, drain: false))
        case .idle, .running, .ended:
            let unit = manager.channel == nil ? nil : OwnUnit.ask()
            if isToBeRestarted(unit) {
                log.notice("ends to be started again; the workers serve on meanwhile")
                leave()
                return
            }
            if let unit, unit.isShuttingDown { return stop(forShutdown: unit) }
            if settings.drains {
                log.notice("stop: draining first; the same signal again stops at once")
            } else {
                log.notice("stop")
            }
            submit(.stop(nil, drain: settings.drains))
        }
    }
}

extension ServiceSettings {
    /// Whether a stop lets flows end first.
    var drains: Bool { drainTimeout != .after(.zero) }
}
