import Kernel

extension Supervisor {
    /// How soon a reader that was slow is tried again.
    private static let patience = Duration.milliseconds(20)

    /// Sends on what a slow reader of our own output has left, as soon as it reads again.
    func catchUp(_ sink: OutputSink) {
        guard catchingUp.insert(ObjectIdentifier(sink)).inserted else { return }
        _ = loop.schedule(at: MonotonicClock.now() + Self.patience) { [unowned self] in
            catchingUp.remove(ObjectIdentifier(sink))
            sink.flush()
            if sink.isBehind { catchUp(sink) }
        }
    }
}
