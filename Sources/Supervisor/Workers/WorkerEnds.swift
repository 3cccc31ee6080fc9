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
    /// nil where it could not be kept.
    let channel: SharedDescriptor?

    /// Where its calls of bind(2) arrive; nil where they go to the kernel.
    let calls: BindEndpoint?

    init(
        out: SharedDescriptor?, err: SharedDescriptor?, notify: NotifyEndpoint?,
        channel: SharedDescriptor?, calls: BindEndpoint? = nil
    ) {
        self.calls = calls
        self.out = out
        self.err = err
        self.notify = notify
        self.channel = channel
    }

    /// The same with what only a process that runs has.
    func with(_ calls: BindEndpoint?) -> WorkerEnds {
        WorkerEnds(out: out, err: err, notify: notify, channel: channel, calls: calls)
    }
}
