import HandoverCore
import Kernel

/// The supervisor's ends of what a worker speaks through; they outlive the supervisor.
final class WorkerEnds {
    /// nil where it could not be kept.
    let out: SharedDescriptor?
    /// nil where it could not be kept.
    let err: SharedDescriptor?
    /// nil where it could not be kept.
    let notify: NotifyEndpoint?

    init(out: SharedDescriptor?, err: SharedDescriptor?, notify: NotifyEndpoint?) {
        self.out = out
        self.err = err
        self.notify = notify
    }
}
