import ControlProtocol
import HandoverCore
import HistoryWire
import Logging

extension Progress {
    /// The log's line for it, where it has one.
    var line: (level: Logger.Level, text: String)? {
        let generation = "generation \(generation)"
        switch step {
        case .preparing(let workers): return (.info, "\(generation): \(workers) workers to start")
        case .started: return (.debug, "\(generation): all processes run")
        case .ready: return (.info, "\(generation) is ready")
        case .passed:
            return (.notice, "\(generation) would have become current; the dry run is over")
        case .watching(let time):
            return (
                .notice, "\(generation) is watched for \(time): the former one waits until then"
            )
        case .watchEnded(let end): return (end.level, "\(generation) stays: \(end.words)")
        case .canary(let clients):
            return (.notice, "\(generation) gets the new flows of \(clients)")
        case .aborted(let reason):
            return (.warning, "\(generation) gets no new flows any more: \(reason)")
        case .flipped(let former):
            let before = former.map { ", no longer to \($0)" } ?? ""
            return (.notice, "new flows go to \(generation)\(before)")
        case .draining(let flows, let outside, _, _):
            guard let flows else { return (.info, "\(generation) drains") }
            let others = outside.map { OutsideStatus($0).parts } ?? []
            let left = ["\(flows.confirmed + flows.unconfirmed) flows"] + others
            return (.debug, "\(generation) drains: \(left.joined(separator: ", "))")
        case .resumed(let reason): return (.warning, "\(generation) is current again: \(reason)")
        case .retiring(let cause): return (.info, "\(generation) retires: \(cause.words)")
        case .queuesNotEmptied:
            return (.warning, "\(generation): its queues did not get empty in time")
        case .failing(let reason): return (.error, "\(generation) is given up: \(reason)")
        case .stopped: return (.info, "\(generation) has ended")
        case .failed: return (.info, "\(generation) is gone")
        // What the shell saw itself has been told where it was seen.
        case .workerReady, .workerDied: return nil
        case .workerFailed(let index, let reason):
            return (.error, "worker \(self.generation).\(index) is given up: \(reason)")
        case .workerRestarts(let index, _):
            return (.info, "worker \(self.generation).\(index) will be started again")
        case .workerKilled(let index):
            return (.warning, "worker \(self.generation).\(index) did not heed the stop signal")
        }
    }
}

extension WatchEnd {
    /// Why the generation stays, in words.
    var words: String {
        switch self {
        case .passed: "the watch over it has passed"
        case .promoted: "it was promoted before the watch over it was over"
        case .deserted, .failed: "the watch over it has failed: \(fault ?? "")"
        case .brokenOff(let reason): "the watch over it is broken off: \(reason)"
        }
    }

    fileprivate var level: Logger.Level {
        switch self {
        case .passed, .promoted: .notice
        case .deserted, .brokenOff: .warning
        case .failed: .error
        }
    }
}

extension RetireCause {
    /// Why a drain ended, in words.
    var words: String {
        switch self {
        case .idle: "no session is left"
        case .few: "no more sessions are left than may be"
        case .drained: "all its workers said that they are drained"
        case .deadline: "the drain deadline has passed"
        case .makesRoom: "the next generation may not run beside it"
        case .deserted: "all its workers died"
        case .serviceStop: "the service ends"
        }
    }
}

extension ServiceEventKind {
    /// What happened to a worker, in words.
    var words: String {
        switch self {
        case .workerStarted: "started"
        case .workerReady: "is ready"
        case .workerExited: "is gone"
        default: rawValue
        }
    }
}

extension HandoverSummary {
    /// The summary of a handover's report.
    init(_ report: HandoverReport) {
        let (result, reason): (HandoverResult, String?) =
            switch report.outcome {
            case .completed: (.completed, nil)
            case .failed(let reason): (.failed, reason)
            case .rolledBack(let reason): (.rolledBack, reason)
            case .aborted(let reason): (.aborted, reason)
            case .passed: (.passed, nil)
            }
        self.init(
            from: report.from.number, to: report.to.number, result: result, reason: reason,
            phases: HandoverTimes(report),
            cutFlows: report.cutFlows,
            cutOutside: report.cutOutside.map { OutsideStatus($0) }, drops: report.drops,
            isDryRun: report.isDryRun, watchEnd: report.watchEnd.map { WatchResult($0) })
    }

    /// One line for the log.
    var line: String {
        var line = isDryRun == true ? "dry run of " : ""
        line += "handover \(from.map { "\($0)" } ?? "-") to \(to) \(result)"
        if let reason { line += ": \(reason)" }
        let cut = (cutFlows > 0 ? ["\(cutFlows) flows"] : []) + (cutOutside?.parts ?? [])
        if !cut.isEmpty { line += ", \(cut.joined(separator: ", ")) cut" }
        if drops > 0 { line += ", \(drops) datagrams dropped" }
        return line
    }
}

extension HandoverTimes {
    /// A phase that was not reached, or is not measured yet, has none.
    init(_ report: HandoverReport) {
        func time(_ phase: Duration, isReached: Bool = false) -> Double? {
            isReached || phase > .zero ? phase.seconds : nil
        }
        let isFlipped =
            switch report.outcome {
            case .completed, .rolledBack, .aborted: true
            case .failed, .passed: false
            }
        self.init(
            start: time(report.phases.start, isReached: isFlipped || report.outcome == .passed),
            ready: time(report.phases.ready, isReached: isFlipped || report.outcome == .passed),
            canary: report.phases.canary?.seconds,
            flip: time(report.phases.flip),
            drain: time(report.phases.drain, isReached: isFlipped),
            retire: time(report.phases.retire, isReached: isFlipped))
    }
}
