import ControlProtocol
import HandoverCore
import Kernel
import Logging
import Settings
import Systemd

extension Supervisor {
    /// Whether the service manager asks for the end of this process alone, and not of the service.
    ///
    /// Only where it holds the life line: it lets go of that when the service ends for good, and the
    /// keeper then ends the workers. So what is not known is no danger.
    ///
    /// - Parameter unit: what the manager says of it; nil where it says nothing.
    func isToBeRestarted(_ unit: OwnUnit?) -> Bool {
        guard holdsLifeLine else { return false }
        guard let unit else { return true }
        if unit.isShuttingDown { return false }
        switch unit.job {
        case .stop: return false
        case .none, .start, .restart, .reload, .other: return true
        }
    }

    /// A shutdown of the whole system does not wait for flows to end as long as a stop does: the
    /// drain is over in time for the workers to end before the unit's TimeoutStopSec=.
    func stop(forShutdown unit: OwnUnit) {
        isShuttingDown = true
        let allowed = unit.stopTimeout ?? Self.usualStopTimeout
        let limit = max(.zero, allowed - settings.linger - settings.stopTimeout - .seconds(5))
        let drains = settings.drains && limit > .zero
        log.notice("the system shuts down: stop\(drains ? ", draining for \(limit) at most" : "")")
        if let usual = machine.policy.drainTimeout, usual <= limit {
            submit(.stop(nil, drain: drains))
            return
        }
        changePolicy { $0.drainTimeout = limit }
        submit(.stop(nil, drain: drains))
        ask("drain", .flip, more: false, for: nil) { .changeDrainDeadline($0, nil, limit) }
    }

    /// DefaultTimeoutStopSec= of systemd.
    private static let usualStopTimeout = Duration.seconds(90)

    /// Ends this process and leaves the service to the next supervisor. As its life is over it waits for
    /// the manager, 1 s at most.
    func leave() {
        settleStore()
        leaves = true
        loop.stop()
    }
}
