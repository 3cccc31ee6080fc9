import ControlProtocol
import HandoverCore
import Kernel
import Logging
import Settings

extension Supervisor {
    /// Tells the log, the followers and who asked of one step of a generation's way.
    func report(_ progress: Progress) {
        let id = progress.generation
        if let request = progress.request, case .preparing = progress.step {
            requests[request]?.generation = id
        }
        if let line = progress.line { log.log(level: line.level, "\(line.text)") }
        var event = ServiceEvent(time: Self.timestamp, kind: .phase, generation: id.number)
        switch progress.step {
        case .preparing: event.kind = .handoverStarted
        case .started: event.phase = .start
        case .ready: event.phase = .ready
        case .flipped: event.phase = .flip
        case .draining(let flows, _):
            event.phase = .drain
            event.flowsLeft = flows.map { $0.confirmed + $0.unconfirmed }
        case .retiring(let cause):
            event.phase = .retire
            event.message = "the drain ended: \(cause.words)"
        case .stopped: event.kind = .generationStopped
        case .resumed(let reason), .failing(let reason), .failed(let reason):
            event.kind = .warning
            event.message = reason
        case .queuesNotEmptied:
            event.kind = .warning
            event.message = "its queues did not get empty in time"
        case .workerReady, .workerFailed, .workerDied, .workerRestarts, .workerKilled:
            // What the shell saw itself has been told where it was seen.
            return
        }
        events.send(event)
        forward(progress)
    }

    /// Tells of a handover's end.
    func report(_ handover: HandoverReport) {
        let summary = HandoverSummary(handover)
        log.notice("\(summary.line)")
        events.send(
            ServiceEvent(
                time: Self.timestamp, kind: .handoverEnded, generation: handover.to.number,
                report: summary))
        answerWaiters(for: handover)
        for generation in lastLines.keys where machine.generation(generation)?.isOver ?? true {
            lastLines[generation] = nil
        }
    }

    /// Tells of something that happened to a worker.
    func report(_ kind: ServiceEventKind, _ id: WorkerID, message: String? = nil, pid: Int32? = nil)
    {
        let pid = pid ?? workers[id]?.pid
        log.log(
            level: .info,
            "worker \(id) \(kind.words)\(message.map { ": \($0)" } ?? "") (pid \(pid ?? 0))")
        events.send(
            ServiceEvent(
                time: Self.timestamp, kind: kind, generation: id.generation.number,
                worker: id.index, pid: pid.map { Int($0) }, message: message))
    }

    /// Tells of something that an administrator should look at.
    func warn(_ message: String, _ id: WorkerID? = nil) {
        log.warning("\(message)")
        events.send(
            ServiceEvent(
                time: Self.timestamp, kind: .warning, generation: id?.generation.number,
                worker: id?.index, message: message))
    }

    /// The first event that a follower gets: where the service stands.
    func greeting() -> ServiceEvent {
        ServiceEvent(
            time: Self.timestamp, kind: .following, generation: machine.current?.number,
            message: settings.name)
    }

    static var timestamp: String { Timestamp.text(MonotonicClock.sinceEpoch()) }

    /// Passes a step on to who asked for the handover that it belongs to.
    private func forward(_ progress: Progress) {
        guard let id = progress.request, let request = requests[id] else { return }
        let seconds = (progress.at - request.began).seconds
        func send(
            _ phase: HandoverPhase, over: Bool, flows: FlowCount? = nil, left: Duration? = nil
        ) {
            request.send(
                OperationProgress(
                    phase: phase, over: over, generation: progress.generation.number,
                    seconds: seconds, flowsLeft: flows.map { $0.confirmed + $0.unconfirmed },
                    secondsLeft: left?.seconds))
        }
        switch progress.step {
        case .started: send(.start, over: true)
        case .ready: send(.ready, over: true)
        case .flipped: send(.flip, over: true)
        case .draining(let flows, let deadline):
            send(.drain, over: false, flows: flows, left: deadline.map { $0 - progress.at })
        case .retiring: send(.drain, over: true)
        case .stopped: send(.retire, over: true)
        case .preparing, .resumed, .queuesNotEmptied, .failing, .failed, .workerReady,
            .workerFailed, .workerDied, .workerRestarts, .workerKilled:
            break
        }
    }
}

extension Duration {
    /// As a number, for JSON.
    var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
