import ControlProtocol
import HandoverCore
import Keeper
import Kernel
package import Logging
package import Settings
import Steering
import Systemd

extension Supervisor {
    /// How a service ended, for the exit code.
    package enum Outcome: Equatable {
        case stopped
        case failed(String)
    }

    /// Runs a service from its first generation to its end.
    ///
    /// - Throws: what kept it from starting; then nothing has been started.
    package static func run(
        _ settings: ServiceSettings, log: Logger
    ) throws(SupervisorError) -> Outcome {
        do throws(KernelError) {
            try ignoreSignal(Signal.pipe)
        } catch {
            throw SupervisorError("\(error)")
        }
        let runtime = try RuntimeDirectory(
            name: settings.name, isShared: settings.user != nil || settings.controlGroup != nil)
        let supervisor = try Supervisor(settings, runtime: runtime, log: log)
        let signals = try supervisor.watchSignals()
        let children = try supervisor.watchChildren()
        supervisor.watchKeeper()
        try supervisor.openControl()
        defer { runtime.clear() }
        supervisor.announce()
        supervisor.scheduleSweeps()
        supervisor.manager.feedWatchdog()
        supervisor.manager.askForTime()
        supervisor.submit(
            .start(Launch(command: settings.command, workers: settings.workers)))
        do throws(KernelError) {
            // The first generation may have failed before the loop began.
            while supervisor.end == nil { try supervisor.loop.runOnce() }
        } catch {
            preconditionFailure("the event loop failed: \(error)")
        }
        supervisor.loop.remove(signals.token)
        supervisor.loop.remove(children.token)
        supervisor.keeper.end()
        supervisor.events.end(
            ServiceEvent(time: timestamp, kind: .stopped, message: settings.name))
        OutputSink.standardOutput.flush()
        OutputSink.standardError.flush()
        switch supervisor.end {
        case .failed(let reason):
            if supervisor.lacksPrivilege { throw SupervisorError(reason, isPermission: true) }
            return .failed(reason)
        case .stopped, nil: return .stopped
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
                [Signal.hangUp, Signal.terminate, Signal.interrupt], in: loop
            ) { [unowned self] signal in
                switch signal {
                case Signal.hangUp:
                    log.notice("SIGHUP: upgrade")
                    ask("upgrade", .none, more: false, for: nil) { .upgrade($0, nil) }
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
