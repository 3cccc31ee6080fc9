import ControlProtocol
import HandoverCore
import Kernel
import Logging
import Settings

extension Supervisor {
    /// Tells the log, the followers and who asked of one step of a generation's way.
    func report(_ progress: Progress) {
        let id = progress.generation
        switch progress.step {
        case .preparing:
            if let request = progress.request { requests[request]?.generation = id }
            handoversBegan[id] = progress.at
        case .failing:
            // Where a worker has died, that is the reason, and not what the others wait for.
            if machine.generation(id)?.workers.allSatisfy(\.hasProcess) ?? false {
                explanations[id] = obstacles(of: id).joined(separator: "; ")
            } else if case .failing(let reason) = progress.step {
                explanations[id] =
                    FailureHint(
                        reason: reason, lines: lastLines[id]?.lines ?? [],
                        isAlone: machine.generations.count == 1)?.text
            }
        case .started, .ready, .flipped, .draining, .resumed, .retiring, .queuesNotEmptied,
            .stopped, .failed, .workerReady, .workerFailed, .workerDied, .workerRestarts,
            .workerKilled:
            break
        }
        if let line = progress.line {
            log.log(level: line.level, "\(line.text)", metadata: progress.facts)
        }
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
        case .workerFailed(let index, let reason):
            event.kind = .workerFailed
            event.worker = index
            event.pid = workers[WorkerID(id, index)].map { Int($0.pid) }
            event.message = reason
        case .workerReady, .workerDied, .workerRestarts, .workerKilled:
            // What the shell saw itself has been told where it was seen.
            return
        }
        events.send(event)
        forward(progress)
    }

    /// Tells of a handover's end.
    func report(_ handover: HandoverReport) {
        let summary = summary(of: handover)
        log.notice("\(summary.line)", metadata: handover.to.facts)
        events.send(
            ServiceEvent(
                time: Self.timestamp, kind: .handoverEnded, generation: handover.to.number,
                report: summary))
        answerWaiters(for: handover)
        forgetEndedGenerations()
    }

    /// A handover's report, its reason explained.
    func summary(of handover: HandoverReport) -> HandoverSummary {
        var summary = HandoverSummary(handover)
        summary.reason = summary.reason.map { explained($0, of: handover.to) }
        return summary
    }

    /// A reason for a generation's failure, with what its workers were waited for.
    func explained(_ reason: String, of generation: GenerationID) -> String {
        explanations[generation].map { "\(reason): \($0)" } ?? reason
    }

    /// Lets go of what was kept for generations that are not even shown any more.
    private func forgetEndedGenerations() {
        let shown = Set(machine.generations.map(\.id))
        let last = machine.lastHandover?.to
        for id in Set(lastLines.keys).union(handoversBegan.keys).union(explanations.keys)
        where !shown.contains(id) && id != last {
            lastLines[id] = nil
            handoversBegan[id] = nil
            explanations[id] = nil
        }
    }

    /// Tells of something that happened to a worker.
    func report(_ kind: ServiceEventKind, _ id: WorkerID, message: String? = nil, pid: Int32? = nil)
    {
        let pid = pid ?? workers[id]?.pid
        log.log(
            level: .info,
            "worker \(id) \(kind.words)\(message.map { ": \($0)" } ?? "") (pid \(pid ?? 0))",
            metadata: id.facts)
        events.send(
            ServiceEvent(
                time: Self.timestamp, kind: kind, generation: id.generation.number,
                worker: id.index, pid: pid.map { Int($0) }, message: message))
    }

    /// Tells of something that an administrator should look at.
    func warn(_ message: String, _ id: WorkerID? = nil) {
        log.warning("\(message)", metadata: id?.facts)
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
