package import HandoverCore

/// All that the supervisor asks of kernel, keeper, service manager and clock.
///
/// The real one makes system calls; the simulated one is a model with a seed. What becomes of a verb
/// is handed in as an input, at once or later.
package protocol Port: AnyObject {
    /// Now, on a clock that never goes back and that the next supervisor shares.
    var now: Instant { get }
    /// Whether this supervisor is no more, so that nothing may be carried out.
    var isGone: Bool { get }
    /// Writes down what has changed; a part that is nil is taken out. All of it or nothing.
    func append(_ changes: [(PartKey, RecordPart?)])
    /// Carries a verb out. Never waits.
    func perform(_ verb: Verb, of service: Service)
    /// Hands in `tick` at that time; nil is never.
    func wake(at time: Instant?)
    /// Goes on with the turn as soon as others were heard.
    func comeBack()
}

/// The supervisor's loop: inputs in, changes written down, verbs carried out, in this order.
///
/// What is to be done is in the record before it is begun: a successor does it again.
package final class Conductor<Outside: Port> {
    /// For so long at most others wait for a turn.
    private static var longestTurn: Duration { .milliseconds(100) }

    package private(set) var service: Service
    private var recorder: Recorder
    private var inbox: [Input] = []
    private var isTurning = false
    private unowned let port: Outside

    /// - Parameter state: what the predecessor has written down; nil without a predecessor.
    package init(_ service: Service, _ port: Outside, after state: PredecessorState? = nil) {
        self.service = service
        self.port = port
        recorder = Recorder(after: state)
    }

    /// Carries out what a service that was taken over begins with.
    package func begin(with verbs: [Verb]) {
        isTurning = true
        carryOut(verbs)
        isTurning = false
        turn()
    }

    /// Takes an input in, after those that wait.
    package func take(_ input: Input) {
        inbox.append(input)
        turn()
    }

    /// Whether inputs wait for their turn.
    package var isIdle: Bool { inbox.isEmpty }

    /// Handles what waits.
    package func turn() {
        guard !isTurning else { return }
        isTurning = true
        defer { isTurning = false }
        let end = port.now + Self.longestTurn
        var next = 0
        while next < inbox.count, !port.isGone {
            if next > 0, port.now >= end {
                port.comeBack()
                break
            }
            let input = inbox[next]
            next += 1
            carryOut(service.handle(input, at: port.now))
        }
        inbox.removeFirst(min(next, inbox.count))
        if !port.isGone { port.wake(at: service.nextDeadline) }
    }

    private func carryOut(_ verbs: [Verb]) {
        append()
        for verb in verbs {
            if port.isGone { return }
            port.perform(verb, of: service)
            guard case .duty(let duty) = verb, !port.isGone else { continue }
            service.isDone(duty)
            if duty.isNoticedTwice { append() }
        }
    }

    private func append() {
        if port.isGone { return }
        let changes = recorder.changes(&service)
        if !changes.isEmpty { port.append(changes) }
    }
}
