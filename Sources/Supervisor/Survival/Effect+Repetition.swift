import HandoverCore

extension Effect {
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
