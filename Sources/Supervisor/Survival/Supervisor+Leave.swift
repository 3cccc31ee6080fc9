import Kernel
import Systemd

extension Supervisor {
    /// Whether the service manager asks for the end of this process alone, and not of the service.
    ///
    /// Only where it holds the life line: it lets go of that when the service ends for good, and the
    /// keeper then ends the workers. So what is not known is no danger.
    var isToBeRestarted: Bool {
        guard holdsLifeLine else { return false }
        guard let unit = OwnUnit.ask() else { return true }
        if unit.isShuttingDown { return false }
        switch unit.job {
        case .stop: return false
        case .none, .start, .restart, .reload, .other: return true
        }
    }

    /// Ends this process and leaves the service to the next supervisor.
    func leave() {
        leaves = true
        loop.stop()
    }
}
