import ControlProtocol
import HandoverCore
import Logging

/// What the journal can be searched by, as metadata of the log; text leaves it out.
enum LogFields {
    /// What the names of all of them begin with.
    static let prefix = "RELEVO_"
    static let service = "RELEVO_SERVICE"
    /// The number of a handover in the history.
    static let handover = "RELEVO_HANDOVER"
    static let generation = "RELEVO_GENERATION"
    static let worker = "RELEVO_WORKER"
    static let phase = "RELEVO_PHASE"
    /// The word of its `MessageKind`.
    static let event = "RELEVO_EVENT"
}

extension GenerationID {
    /// The log fields of a line about this generation.
    var logFields: Logger.Metadata { [LogFields.generation: "\(number)"] }
}

extension WorkerID {
    /// The log fields of a line about this worker.
    var logFields: Logger.Metadata {
        [LogFields.generation: "\(generation.number)", LogFields.worker: "\(index)"]
    }
}

extension Progress {
    /// The log fields of its line.
    var logFields: Logger.Metadata {
        var fields = generation.logFields
        switch step {
        case .preparing, .started: fields[LogFields.phase] = "\(HandoverPhase.start)"
        case .ready, .passed: fields[LogFields.phase] = "\(HandoverPhase.ready)"
        case .canary, .aborted: fields[LogFields.phase] = "\(HandoverPhase.canary)"
        case .flipped, .watching, .watchEnded: fields[LogFields.phase] = "\(HandoverPhase.flip)"
        case .draining: fields[LogFields.phase] = "\(HandoverPhase.drain)"
        case .retiring, .queuesNotEmptied, .stopped:
            fields[LogFields.phase] = "\(HandoverPhase.retire)"
        case .workerReady(let index), .workerKilled(let index), .workerFailed(let index, _),
            .workerDied(let index, _), .workerRestarts(let index, _):
            fields[LogFields.worker] = "\(index)"
        case .resumed, .failing, .failed: break
        }
        return fields.about(kind)
    }
}

extension Logger.Metadata {
    /// These, and which handover the line is about.
    func of(handover number: Int?) -> Logger.Metadata {
        guard let number else { return self }
        return merging([LogFields.handover: "\(number)"]) { $1 }
    }

    /// These, and what the line is about.
    func about(_ kind: MessageKind?) -> Logger.Metadata {
        guard let kind else { return self }
        return merging([LogFields.event: "\(kind.rawValue)"]) { $1 }
    }
}
