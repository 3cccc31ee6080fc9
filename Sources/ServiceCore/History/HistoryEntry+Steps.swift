import HandoverCore

// What of a generation's way is remembered with a handover.

extension HistoryEntry {
    func involves(_ generation: GenerationID) -> Bool { from == generation || to == generation }

    /// Whether a step of one of its two generations is its own, rather than that of the handover before or after.
    func isAbout(_ progress: Progress) -> Bool {
        switch progress.step {
        case .draining, .retiring, .stopped, .queuesNotEmptied, .resumed:
            from == progress.generation || kind == .dryRun
                || steps.contains { $0.what == "resumed" }
        case .preparing, .started, .ready, .passed, .canary, .aborted, .flipped, .watching,
            .watchEnded, .failing, .failed, .workerReady, .workerFailed, .workerDied,
            .workerRestarts, .workerKilled:
            to == progress.generation
        }
    }
}

extension ProgressStep {
    /// The word and the text under which it is remembered; nil where it is not.
    var remembered: (String, String?)? {
        switch self {
        case .started: ("started", nil)
        case .ready: ("ready", nil)
        case .passed: ("passed", nil)
        case .canary(let share): ("canary", "\(share)")
        case .aborted(let reason): ("aborted", reason)
        case .flipped: ("flipped", nil)
        case .watching(let time): ("watching", "\(time)")
        case .watchEnded(let end): ("watchEnded", end.remembered)
        case .resumed(let reason): ("resumed", reason)
        case .retiring(let cause): ("drained", cause.rawValue)
        case .queuesNotEmptied: ("notEmptied", nil)
        case .stopped: ("ended", nil)
        case .failing(let reason): ("failing", reason)
        case .failed(let reason): ("failed", reason)
        case .workerFailed(let index, let reason): ("workerFailed", "worker \(index): \(reason)")
        case .workerDied(let index, let reason): ("workerDied", "worker \(index) \(reason)")
        case .workerKilled(let index): ("workerKilled", "worker \(index)")
        case .preparing, .draining, .workerReady, .workerRestarts: nil
        }
    }
}

extension WatchEnd {
    /// The word under which it is remembered.
    package var word: String {
        switch self {
        case .passed: "passed"
        case .promoted: "promoted"
        case .deserted: "deserted"
        case .failed: "failed"
        case .brokenOff: "brokenOff"
        }
    }

    /// What is remembered besides that the generation stays; nil where it has passed.
    fileprivate var remembered: String? {
        switch self {
        case .passed: nil
        case .promoted: "promoted before the watch was over"
        case .deserted, .failed: fault
        case .brokenOff(let reason): reason
        }
    }
}
