import HandoverCore
import Kernel
import Settings
import Steering
import Testing

@testable import Supervisor

@Suite struct RecordTests {
    @Test func theSettingsAllowAsManySocketsAsTheSteeringHas() {
        let setup = SteeringSetup(mode: .flow, transport: .udp, maxFlows: 1)
        #expect(setup.slotCapacity == SlotLimits.mostSlots)
    }

    /// One generation of two workers that drains beside another that starts.
    private func record() throws -> Record {
        var machine = Machine(policy: Policy())
        var now = Instant(sinceStart: .seconds(5))
        func handle(_ event: Event) {
            now = now + .seconds(1)
            _ = machine.handle(event, at: now)
        }
        let first = GenerationID(1)
        handle(.start(Launch(command: ["/bin/server"], workers: 2)))
        handle(.bankPrepared(first))
        for index in 0...1 { handle(.workerStarted(WorkerID(first, index))) }
        for index in 0...1 { handle(.workerReady(WorkerID(first, index))) }
        handle(.upgrade(RequestID(1), nil))
        let setup = SteeringSetup(mode: .stateless, transport: .udp, machine: .classic)
        let memo = try Steering(setup).memo
        let slots = (0...1).map { worker in
            [[Record.SlotPart(number: worker, inode: .max, isTaken: true, dropsBefore: 3)]]
        }
        return Record(
            settings: "", machine: machine,
            effects: [.prepareBank(GenerationID(2), workers: 2)], events: [.tick],
            listeners: [Record.ListenerPart(steering: memo, idle: [9], dropsOfClosedSockets: 4)],
            banks: [Record.BankPart(generation: first, slots: slots)],
            workers: [
                Record.WorkerPart(
                    id: WorkerID(first, 0), pid: 12, startedAt: .seconds(3),
                    statusText: "fine", channelVersion: 1),
                Record.WorkerPart(
                    id: WorkerID(first, 1), pid: 0, startedAt: .seconds(4), isJoined: true),
            ],
            generations: [Record.GenerationPart(id: first, lastLines: ["hello \u{1}\"\\"])],
            lastRequest: 8, stored: [Record.StoredPart(number: 3, index: 1, name: "state")])
    }

    @Test func isReadAsItWasWritten() throws {
        let record = try record()
        #expect(try Record.decode(record.encoded()) == record)
    }

    @Test func whatALaterVersionAddsIsLetPass() throws {
        var record = try record()
        record.formatVersion = Record.formatVersion + 5
        let text = String(decoding: record.encoded(), as: UTF8.self)
        let later = "{\"addedLater\":[1,{}]," + text.dropFirst()
        #expect(try Record.decode(Array(later.utf8)) == record)
    }

    @Test func oneThatOnlyLaterVersionsReadIsRefused() throws {
        var record = try record()
        record.formatVersion = Record.formatVersion + 5
        record.readableFrom = Record.formatVersion + 1
        let refusal = #expect(throws: Record.Refusal.self) {
            try Record.decode(record.encoded())
        }
        #expect(refusal?.description.contains("this relevod reads 1") == true)
    }

    @Test(
        arguments: [
            { (record: inout Record) in record.banks[0].slots[1][0][0].number = 0 },
            { $0.banks[0].slots[0][0][0].number = 512 },
            { $0.banks[0].slots[0][0][0].number = -1 },
            { $0.banks[0].slots[0][0][0].number = 9 },
            { $0.banks[0].slots.removeLast() },
            { $0.banks[0].slots[0] = [] },
            { $0.banks[0].slots[0].append([]) },
            { $0.banks.append($0.banks[0]) },
            { $0.banks = [] },
            { $0.listeners[0].idle = [3, 3] },
            { $0.listeners[0].dropsOfClosedSockets = .max },
            { $0.lastRequest = .min },
            { $0.workers[0].pid = 0 },
            { $0.stored = [Record.StoredPart(number: 1, index: -1, name: "x")] },
            { $0.stored = [Record.StoredPart(number: 1, index: 5000, name: "x")] },
            { $0.workers[0].startedAt = .seconds(Int64.max) },
        ] as [@Sendable (inout Record) -> Void])
    func oneThatWouldLeadItsReaderAstrayIsRefused(
        spoil: @Sendable (inout Record) -> Void
    ) throws {
        var record = try record()
        spoil(&record)
        #expect(try Record.decode(record.encoded()).fault(listenerCount: 1) != nil)
    }

    @Test func aSoundOneHasNoFaultWithItsOwnListenersAlone() throws {
        #expect(try record().fault(listenerCount: 1) == nil)
        #expect(try record().fault(listenerCount: 2) != nil)
    }

    /// It has no process now and will be given one.
    @Test func aWorkerThatBacksOffNeedsItsBankAsWell() throws {
        var record = try record()
        for index in 0...1 {
            let id = WorkerID(GenerationID(1), index)
            _ = record.machine.handle(
                .workerExited(id, .exited(status: 1), leavesQueue: false),
                at: Instant(sinceStart: .seconds(20)))
        }
        let states = record.machine.generations[0].workers.map(\.phase)
        #expect(states == [.restarting, .restarting])
        #expect(record.fault(listenerCount: 1) == nil)
        record.banks = []
        #expect(record.fault(listenerCount: 1) != nil)
    }

    /// Whatever the bytes are: an answer, never a trap, and what is read can be written again.
    @Test func brokenBytesDoNoHarm() throws {
        let whole = try record().encoded()
        var random = SystemRandomNumberGenerator()
        for _ in 0..<3000 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let at = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0...3, using: &random) {
                case 0: bytes[at] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.remove(at: at)
                case 2: bytes.insert(UInt8(ascii: "9"), at: at)
                default: bytes.removeSubrange(at..<min(bytes.count, at + 20))
                }
                if bytes.isEmpty { break }
            }
            if let record = try? Record.decode(bytes) {
                _ = record.fault(listenerCount: 1)
                _ = record.encoded()
            }
        }
    }
}
