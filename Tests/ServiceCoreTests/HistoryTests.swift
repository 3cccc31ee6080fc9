import ChannelProtocol
import HandoverCore
import Record
import Settings
import TestSeeds
import Testing

@testable import ServiceCore

/// Each handover that has begun is in the history once, and says how it went.
@Suite struct HistoryTests {
    /// A service whose first generation serves and whose history is read.
    private static func serving(_ found: [HistoryEntry] = []) -> ServiceRun {
        var run = ServiceRun()
        run.serve()
        run.answerStamps()
        run.take(.historyRead(found, fault: nil))
        return run
    }

    private static func upgrade(_ run: inout ServiceRun, message: String? = nil) {
        run.take(
            .asked(
                nil, .upgrade(command: ["/bin/next"], workers: 2), .none, sendsProgress: false,
                from: Origin(uid: 7, message: message)))
        run.answerStamps()
    }

    @Test func theFirstGenerationIsTheFirstEntry() throws {
        let run = Self.serving()
        let first = try #require(run.service.history.entries.first)
        #expect(first.kind == .start && first.result == .completed && first.number == 1)
        #expect(first.from == nil && first.to == GenerationID(1))
        #expect(first.timeToFlip ?? .zero > .zero)
        #expect(run.verbs.contains(.writeHistory))
    }

    @Test func anUpgradeIsThereFromItsBeginningAndSaysWhoAsked() throws {
        var run = Self.serving()
        Self.upgrade(&run, message: "a fix")
        let entry = try #require(run.service.history.entries.last)
        #expect(entry.number == 2 && entry.kind == .upgrade && !entry.isOver)
        #expect(entry.from == GenerationID(1) && entry.to == GenerationID(2))
        #expect(entry.uid == 7 && entry.message == "a fix" && entry.at == ServiceRun.time)
    }

    @Test func aRefusedRequestIsNone() {
        var run = Self.serving()
        Self.upgrade(&run)
        run.take(.asked(nil, .upgrade(command: nil, workers: nil), .none, sendsProgress: false))
        #expect(run.service.history.entries.count == 2)
    }

    @Test func aFailedStartSaysWhyAndWhatWasPrintedLast() throws {
        var run = Self.serving()
        Self.upgrade(&run)
        run.bindAll()
        let id = WorkerID(GenerationID(2), 0)
        run.take(.workerSpawned(id, pid: 2000, answersBinds: true))
        run.take(.printed(id, ["cannot open the database"]))
        run.take(.workerSpawned(WorkerID(GenerationID(2), 1), pid: 2001, answersBinds: true))
        run.take(.workerExited(id, pid: 2000, .exited(status: 7)))
        run.take(.queuesSeen(.left(id), hasData: false))
        run.take(.workerExited(WorkerID(GenerationID(2), 1), pid: 2001, .killed(signal: 15)))
        run.take(.queuesSeen(.left(WorkerID(GenerationID(2), 1)), hasData: false))
        let entry = try #require(run.service.history.entries.last)
        #expect(entry.result == .failed)
        #expect(entry.reason?.contains("exited with status 7") == true)
        #expect(entry.output == ["cannot open the database"])
        #expect(entry.steps.map(\.what).contains("failing"))
        #expect(entry.launch.command == ["/bin/next"] && entry.launch.workers == 2)
    }

    @Test func aReturnToAGenerationThatIsNotTheOneBeforeIsARollbackOfItsOwn() throws {
        var settings = ServiceRun.settings
        settings.command = []
        settings.joinPolicy = .newest
        var run = ServiceRun(settings)
        run.take(.start)
        run.take(.historyRead([], fault: nil))
        for (number, group) in zip(1..., ["a", "b", "c"]) {
            let hello = WorkerMessage.Hello(version: 1, group: group, workers: 1, command: "pod")
            let pid = Int32(100 + number)
            run.take(.joinerGreeted(JoinerID(number), hello, request: nil, pid: pid))
            run.bindAll()
            let id = WorkerID(GenerationID(number), 0)
            run.take(.heard(id, pid: pid, WorkerRequest(.ready()), nil, duplicates: []))
            run.take(.steered(GenerationID(number), took: .zero))
            run.answerStamps()
        }
        try #require(
            run.service.machine.current == GenerationID(3),
            "\(run.service.machine.generations.map { "\($0.id) \($0.phase)" }) \(run.verbs)")
        for number in 2...3 {
            let id = WorkerID(GenerationID(number), 0)
            run.take(.workerExited(id, pid: Int32(100 + number), .lost))
            run.take(.queuesSeen(.left(id), hasData: false))
        }
        // Its seat is there again, and nobody takes it.
        run.now = run.now + .seconds(2)
        run.take(.tick)
        for case .renew(let slot, _) in run.verbs {
            run.take(.slotBound(slot, BoundSocket(inode: 100)))
        }
        run.now = run.now + .seconds(31)
        run.take(.tick)
        run.answerStamps()
        #expect(run.service.machine.current == GenerationID(1))
        let entries = run.service.history.entries
        try #require(entries.map(\.number) == [1, 2, 3, 4])
        #expect(
            entries.map { [$0.from?.number ?? 0, $0.to.number] } == [
                [0, 1], [1, 2], [2, 3], [3, 1],
            ])
        #expect(entries.map(\.kind) == [.join, .join, .join, .rollback])
        #expect(entries[1].result == .rolledBack)
        #expect(entries[1].reason?.hasPrefix("generation 1 is current again: ") == true)
        #expect(entries[3].timeToFlip != nil)
        #expect(entries[3].steps.contains { $0.what == "resumed" })
        #expect(run.service.handoverNumber(about: GenerationID(1)) == 4)
    }

    @Test func anEntryIsOnRecordUntilTheFileHasItAsItIs() throws {
        var run = Self.serving()
        let start = PartKey.history(.start(of: GenerationID(1)))
        #expect(run.record[start] != nil)
        run.take(.historyWritten(fault: nil))
        #expect(run.record[start] == nil)
        Self.upgrade(&run)
        let parts = run.record.keys.filter { if case .history = $0 { true } else { false } }
        #expect(parts.count == 1)
        run.take(.historyWritten(fault: nil))
        #expect(run.record[parts[0]] != nil, "it is not over")
    }

    @Test func aSuccessorGoesOnWithWhatIsUnderWay() throws {
        var run = Self.serving()
        run.take(.historyWritten(fault: nil))
        Self.upgrade(&run)
        let before = try #require(run.service.history.entries.last)
        let state = try #require(try PredecessorState(Array(run.record.values)))
        let (service, verbs) = Service.resume(
            state, Findings(slots: [:], workers: [], stored: [], keeperLacks: false),
            ServiceRun.settings, policy: Policy(), former: nil, at: run.now)
        #expect(verbs.contains(.readHistory))
        var next = service
        // The file has it as it was begun, and one that its own life did not end.
        var left = HistoryEntry(to: GenerationID(9))
        left.number = 1
        _ = next.handle(.historyRead([left, before], fault: nil), at: run.now)
        #expect(next.history.entries.map(\.number) == [1, 2])
        #expect(next.history.entries[0].result == .interrupted)
        #expect(next.history.entries[1].steps.last?.what == "takenOver")
    }

    @Test func numbersGoOnAfterThoseInTheFile() {
        var former = HistoryEntry(to: GenerationID(3))
        former.number = 41
        former.result = .completed
        let run = Self.serving([former])
        #expect(run.service.history.entries.map(\.number) == [41, 42])
    }

    @Test func aHundredAreKept() {
        let former = (1...150).map { number in
            var entry = HistoryEntry(to: GenerationID(number))
            entry.number = number
            entry.result = .completed
            return entry
        }
        let run = Self.serving(former)
        #expect(run.service.history.entries.map(\.number) == Array(52...151))
    }

    @Test func aFullDiskIsToldOnceAndTriedAgain() throws {
        var run = Self.serving()
        var told: [String] = []
        for _ in 0..<3 {
            run.take(.historyWritten(fault: "no space left on device"))
            told += run.takeWarnings()
            #expect(run.service.nextDeadline.map { $0 <= run.now + History.pause } == true)
            run.now = run.now + History.pause
            run.take(.tick)
            #expect(run.verbs.last { $0 == .writeHistory } != nil)
        }
        #expect(told.count { $0.contains("no space left") } == 1)
        run.take(.historyWritten(fault: nil))
        #expect(run.service.history.isWritten)
    }

    @Test func samplesAreBoundedHoweverLongItTakes() throws {
        var run = Self.serving()
        Self.upgrade(&run)
        for second in 0..<5_000 {
            run.now = run.now + .seconds(1)
            run.take(
                .flowsCounted(
                    [:], Traffic(datagrams: UInt64(second * 10), others: UInt64(second * 4))))
        }
        let samples = try #require(run.service.history.entries.last).samples
        #expect(
            samples.count <= HistoryLimits.samples && samples.count >= HistoryLimits.samples / 3)
        #expect(samples.first?.datagrams == 0)
        #expect(samples.map(\.datagrams) == samples.map(\.datagrams).sorted())
        // It has not flipped: what goes elsewhere is the new one's.
        #expect(samples.allSatisfy { $0.toDatagrams == $0.datagrams / 10 * 4 })
        #expect(try #require(samples.last).after > .seconds(4_000))
    }

    @Test func samplesTellWhoseTheDatagramsWere() throws {
        var run = Self.serving()
        Self.upgrade(&run)
        func count(_ datagrams: UInt64, _ others: UInt64?) {
            run.now = run.now + .seconds(1)
            run.take(.flowsCounted([:], Traffic(datagrams: datagrams, others: others)))
        }
        func ofNew() -> [Int?] {
            run.service.history.entries.last?.samples.map(\.toDatagrams) ?? []
        }
        // Not flipped yet: all are the old one's.
        count(1000, 7)
        count(1100, 7)
        #expect(ofNew() == [0, 0])
        run.getReady(2)
        #expect(run.service.machine.current == GenerationID(2))
        run.take(.flowsCounted([:], Traffic(datagrams: 1150, others: 7)))
        count(1200, 27)
        count(1300, 27)
        // What came before the flip was the old one's.
        #expect(ofNew().suffix(3) == [0, 30, 130])
        // Its share in what comes is the other part after a rollback.
        run.take(.asked(nil, .rollback, .none, sendsProgress: false))
        #expect(run.service.machine.current == GenerationID(1))
        run.take(.flowsCounted([:], Traffic(datagrams: 1350, others: 27)))
        #expect(ofNew().last == 180)
        count(1400, 57)
        #expect(ofNew().last == 210)
        // More others than there are cannot be.
        count(1400, 99)
        #expect(ofNew().last == 210)
        count(1500, nil)
        count(1600, 99)
        #expect(ofNew().suffix(2) == [nil, nil])
    }

    // MARK: The file

    private static var entries: [HistoryEntry] {
        (1...5).map { number in
            var entry = HistoryEntry(to: GenerationID(number + 1))
            entry.number = number
            entry.from = GenerationID(number)
            entry.at = 1_700_000_000_000
            entry.reason = String(repeating: "why ", count: number)
            entry.launch.command = ["/bin/server", "\(number)"]
            entry.samples = (0..<number).map {
                HistorySample(
                    after: .seconds($0), fromFlows: $0, toFlows: $0, datagrams: $0, opened: $0,
                    drops: 0)
            }
            return entry
        }
    }

    @Test func aFileIsReadAsItWasWritten() {
        let (entries, fault) = HistoryFormat.read(HistoryFormat.bytes(of: Self.entries))
        #expect(entries == Self.entries && fault == nil)
    }

    @Test func ofATornFileTheSoundPartIsRead() {
        let bytes = HistoryFormat.bytes(of: Self.entries)
        for count in stride(from: 0, to: bytes.count, by: 7) {
            let (entries, fault) = HistoryFormat.read(Array(bytes.prefix(count)))
            #expect(entries == Array(Self.entries.prefix(entries.count)))
            if entries.count < 5, count != 16 { #expect(fault != nil || entries.isEmpty == false) }
        }
    }

    @Test func aDamagedEntryCostsNoOtherOne() {
        var bytes = HistoryFormat.bytes(of: Self.entries)
        bytes[60] ^= 0xff
        let (entries, fault) = HistoryFormat.read(bytes)
        #expect(entries == Array(Self.entries.dropFirst()) && fault != nil)
    }

    @Test func whateverTheBytesAreNothingIsBelieved() {
        var random = SeededGenerator(seed: 5)
        let sound = HistoryFormat.bytes(of: Self.entries)
        for _ in 0..<500 {
            var bytes = sound
            for _ in 0..<Int.random(in: 1...20, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = .random(
                    in: 0...255, using: &random)
            }
            let (entries, _) = HistoryFormat.read(bytes)
            #expect(entries.count <= 5)
        }
        #expect(HistoryFormat.read([]).fault != nil)
        #expect(HistoryFormat.read(Array(repeating: 0x41, count: 100)).fault != nil)
    }

    @Test func anEntryThatIsTooLongLosesItsSamplesFirst() throws {
        var entry = Self.entries[0]
        entry.launch.command = [String(repeating: "x", count: 30_000)]
        entry.samples = (0..<20_000).map {
            HistorySample(
                after: .seconds($0), fromFlows: 1, toFlows: 1, datagrams: 1, opened: 1, drops: 1)
        }
        let read = try #require(HistoryFormat.read(HistoryFormat.bytes(of: [entry])).entries.first)
        #expect(read.samples.isEmpty && read.launch.command == entry.launch.command)
    }
}
