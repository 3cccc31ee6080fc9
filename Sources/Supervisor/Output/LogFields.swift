import ControlProtocol
import HandoverCore
import Logging

/// What the journal can be searched by, as metadata of the log; text leaves it out.
enum Facts {
    /// What the names of all of them begin with.
    static let prefix = "RELEVO_"
    static let service = "RELEVO_SERVICE"
    static let generation = "RELEVO_GENERATION"
    static let worker = "RELEVO_WORKER"
    static let phase = "RELEVO_PHASE"
}

extension GenerationID {
    /// The facts of a line about this generation.
    var facts: Logger.Metadata { [Facts.generation: "\(number)"] }
}

extension WorkerID {
    /// The facts of a line about this worker.
    var facts: Logger.Metadata {
        [Facts.generation: "\(generation.number)", Facts.worker: "\(index)"]
    }
}

extension Progress {
    /// The facts of the line for it.
    var facts: Logger.Metadata {
        var facts = generation.facts
        switch step {
        case .preparing, .started: facts[Facts.phase] = "\(HandoverPhase.start)"
        case .ready: facts[Facts.phase] = "\(HandoverPhase.ready)"
        case .flipped: facts[Facts.phase] = "\(HandoverPhase.flip)"
        case .draining: facts[Facts.phase] = "\(HandoverPhase.drain)"
        case .retiring, .queuesNotEmptied, .stopped: facts[Facts.phase] = "\(HandoverPhase.retire)"
        case .workerReady(let index), .workerKilled(let index), .workerFailed(let index, _),
            .workerDied(let index, _), .workerRestarts(let index, _):
            facts[Facts.worker] = "\(index)"
        case .resumed, .failing, .failed: break
        }
        return facts
    }
}
