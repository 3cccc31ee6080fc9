import HandoverCore

extension Effect {
    /// Whether a successor that never hears of it is none the worse: it goes on from before the
    /// event that led to it, and looks again by itself.
    var isNothingToRecord: Bool {
        switch self {
        case .countFlows, .progress, .watchQueues: true
        case .prepareBank, .inheritBank, .freeBank, .startWorker, .stopWorker, .killWorker,
            .tellDraining, .tellResumed, .steerNewFlows, .abandonWorker, .resteer, .answer,
            .handoverEnded, .ended:
            false
        }
    }

    /// Whether bringing it about again, after a crash in the midst, could be noticed: then the record
    /// says that it is done before anything else happens.
    var mustNotRepeat: Bool {
        switch self {
        case .stopWorker, .tellDraining, .tellResumed, .countFlows: true
        case .prepareBank, .inheritBank, .freeBank, .startWorker, .killWorker, .steerNewFlows,
            .abandonWorker, .resteer, .watchQueues, .answer, .progress, .handoverEnded, .ended:
            false
        }
    }
}
