import ChannelProtocol
import HandoverCore
import Kernel
import Logging
import Settings

extension Supervisor {
    /// Tells a generation's workers that new flows go elsewhere.
    func tellDraining(_ generation: GenerationID) {
        // One that is not ready yet might be killed by a signal that it does not expect.
        for place in machine.generation(generation)?.workers ?? [] where place.isReady {
            guard let worker = workers[WorkerID(generation, place.index)], !worker.isDraining
            else { continue }
            worker.isDraining = true
            sayDraining(worker, until: machine.generation(generation)?.drainDeadline)
            if let signal = settings.drainSignal { worker.send(signal.number) }
        }
    }

    /// Takes that back.
    func tellResumed(_ generation: GenerationID) {
        log.info("generation \(generation) serves on", metadata: generation.facts)
        for worker in workers.values where worker.id.generation == generation && worker.isDraining {
            worker.isDraining = false
            worker.toldDeadline = nil
            if worker.channel?.version != nil { worker.channel?.say(.resume) }
        }
    }

    /// Tells workers that drain of a deadline that has changed.
    func tellDeadline(_ progress: Progress) {
        guard case .draining(_, let deadline) = progress.step else { return }
        for worker in workers.values
        where worker.id.generation == progress.generation && worker.isDraining
            && worker.toldDeadline != deadline
        {
            sayDraining(worker, until: deadline)
        }
    }

    /// Tells a worker that the stop signal comes.
    func tellStopping(_ id: WorkerID) {
        guard let channel = workers[id]?.channel, channel.version != nil else { return }
        channel.say(.stop(millisecondsLeft: settings.stopTimeout.milliseconds))
    }

    /// Tells one that has just said `HELLO` what the others were told before.
    func tellWhereItStands(_ worker: Worker) {
        let generation = machine.generation(worker.id.generation)
        if worker.isDraining { sayDraining(worker, until: generation?.drainDeadline) }
        let place = generation?.workers[worker.id.index]
        if place?.phase == .stopping { tellStopping(worker.id) }
    }

    private func sayDraining(_ worker: Worker, until deadline: Instant?) {
        guard let channel = worker.channel, channel.version != nil else { return }
        worker.toldDeadline = deadline
        channel.say(
            .drain(
                deadline.map {
                    SupervisorMessage.Deadline(
                        milliseconds: $0.sinceStart.milliseconds,
                        millisecondsLeft: max(.zero, $0 - Self.now).milliseconds)
                }))
    }
}

extension Duration {
    /// Whole milliseconds of a time that is not negative.
    fileprivate var milliseconds: Int {
        Int(components.seconds) * 1000 + Int(components.attoseconds / 1_000_000_000_000_000)
    }
}
