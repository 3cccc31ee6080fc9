package import ControlProtocol
package import HandoverCore
package import ServiceCore

/// The history in the words of the control socket.
extension HistoryReply {
    /// - Parameter number: of the one that is meant, which is told with all that is known of it.
    package init(_ entries: [HistoryEntry], _ number: Int?) {
        self.init(
            handovers: entries.filter { number == nil || $0.number == number }
                .map { HandoverRecord($0, isWhole: number != nil) })
    }
}

extension HandoverRecord {
    package init(_ entry: HistoryEntry, isWhole: Bool) {
        self.init(
            number: entry.number,
            at: entry.at.map { Timestamp.text(.milliseconds(Int64(clamping: $0))) },
            kind: entry.kind.rawValue, from: entry.from?.number, to: entry.to.number,
            result: HandoverResult(rawValue: entry.result.rawValue), reason: entry.reason,
            uid: entry.uid.map { Int($0) }, message: entry.message, command: entry.launch.command,
            workers: entry.launch.workers > 0 ? entry.launch.workers : nil,
            program: entry.launch.program.flatMap { RecordedProgram($0) },
            settings: entry.launch.settings, phases: HandoverTimes(entry),
            timeToFlip: entry.timeToFlip.map { $0 / .seconds(1) }, kept: entry.kept,
            cutFlows: entry.cutFlows,
            cutOutside: entry.cutOutside.map { OutsideStatus($0) }, drops: entry.drops,
            watchEnd: entry.watchEnd.map { WatchResult(rawValue: $0) })
        guard isWhole else { return }
        steps = entry.steps.map {
            HandoverStep(
                seconds: $0.after / .seconds(1), generation: $0.generation.number, what: $0.what,
                text: $0.text)
        }
        checks = entry.checks.map {
            HandoverCheck(
                seconds: $0.after / .seconds(1), name: $0.name, passed: $0.passed, detail: $0.detail
            )
        }
        output = entry.output
        samples = entry.samples.map {
            HandoverSample(
                seconds: $0.after / .seconds(1), fromFlows: $0.fromFlows, toFlows: $0.toFlows,
                datagrams: $0.datagrams, opened: $0.opened, drops: $0.drops,
                toDatagrams: $0.toDatagrams)
        }
    }
}

extension RecordedProgram {
    init?(_ program: Program) {
        guard let file = program.executable else { return nil }
        self.init(
            path: file.path, device: Int(clamping: file.facts.device),
            inode: Int(clamping: file.facts.inode), size: Int(clamping: file.facts.size),
            modified: Timestamp.text(.nanoseconds(Int64(clamping: file.facts.modified))),
            buildID: program.buildID, sha256: program.sha256)
    }
}

extension HandoverTimes {
    /// Those phases that were.
    fileprivate init(_ entry: HistoryEntry) {
        func time(_ phase: Duration) -> Double? { phase > .zero ? phase / .seconds(1) : nil }
        self.init(
            start: time(entry.phases.start), ready: time(entry.phases.ready),
            canary: entry.phases.canary.flatMap(time),
            flip: time(entry.phases.flip), drain: time(entry.phases.drain),
            retire: time(entry.phases.retire))
    }
}

extension OutsideStatus {
    package init(_ count: OutsideCount) {
        self.init(
            connections: count.connections, connected: count.connected, ports: count.ports)
    }
}
