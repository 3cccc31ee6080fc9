import HandoverCore
import Record
import Settings
import TestSeeds
import Testing

@testable import ServiceCore

/// What is written down is read back as it was, and what cannot be is refused.
@Suite struct PredecessorTests {
    /// One generation of two workers that drains nothing yet, beside another that starts.
    private func parts() throws -> [RecordPart] {
        var run = ServiceRun()
        run.serve()
        run.take(
            .asked(nil, .upgrade(command: ["/bin/new"], workers: 1), .none, sendsProgress: false))
        run.bindAll()
        return Array(run.record.values)
    }

    @Test func isReadAsItWasWritten() throws {
        for part in try parts() {
            let key = part.key
            guard case .set(let name, let bytes) = try RecordFormat.change(key, part) else {
                Issue.record("\(key) is taken out")
                continue
            }
            #expect(try RecordFormat.part(name, bytes) == part)
        }
    }

    @Test func aSoundOneIsTakenOver() throws {
        let state = try #require(try PredecessorState(try parts()))
        let (service, verbs) = Service.resume(
            state, Findings(slots: state.sockets, workers: [], stored: [], keeperLacks: false),
            ServiceRun.settings, policy: Policy(), former: nil,
            at: Instant(sinceStart: .seconds(99)))
        #expect(service.machine.generations.map(\.id.number) == [1, 2])
        #expect(!verbs.isEmpty)
    }

    @Test func aServiceThatHasNotBegunIsNone() throws {
        #expect(try PredecessorState([]) == nil)
    }

    @Test(
        arguments: [
            { (part: inout RecordPart.WorkerPart) in part.slots = [] },
            { $0.slots.append([]) },
            { $0.slots[0].append($0.slots[0][0]) },
            { $0.slots[0][0] = Slot(SlotID(listener: 0, number: 512), BoundSocket(inode: 1)) },
            { $0.slots[0][0] = Slot(SlotID(listener: 0, number: -1), BoundSocket(inode: 1)) },
            { $0.slots[0][0] = Slot(SlotID(listener: 1, number: 3), BoundSocket(inode: 1)) },
            { $0.slots[0][0].dropsBefore = .max },
            { $0.process?.life = .running(pid: 0) },
            { $0.process?.startedAt = Instant(sinceStart: .seconds(Int64.max)) },
        ] as [@Sendable (inout RecordPart.WorkerPart) -> Void])
    func aWorkerThatWouldLeadItsReaderAstrayIsRefused(
        spoil: @Sendable (inout RecordPart.WorkerPart) -> Void
    ) throws {
        let spoilt = try parts().map { part in
            guard case .worker(let id, var worker) = part, id == WorkerID(GenerationID(1), 0)
            else { return part }
            spoil(&worker)
            return .worker(id, worker)
        }
        #expect(throws: PredecessorState.Fault.self) { try PredecessorState(spoilt) }
    }

    @Test func aMissingPartIsRefused() throws {
        for gone in try parts() {
            let rest = try parts().filter { $0.key != gone.key }
            switch gone {
            case .service: #expect(try PredecessorState(rest) == nil)
            case .worker, .listener:
                #expect(throws: PredecessorState.Fault.self) { try PredecessorState(rest) }
            case .generation, .stored, .duties, .dutiesDone: break
            }
        }
    }

    /// Whatever the bytes are: an answer, never a trap, and a service that can be run.
    @Test func brokenBytesDoNoHarm() throws {
        let whole = try parts().map { try RecordFormat.change($0.key, $0) }
        var random = SeededGenerator(seed: 7)
        for _ in 0..<2000 {
            var read: [RecordPart] = []
            for change in whole {
                guard case .set(let key, var bytes) = change else { continue }
                if Int.random(in: 0...3, using: &random) == 0, !bytes.isEmpty {
                    let at = Int.random(in: 0..<bytes.count, using: &random)
                    bytes[at] = UInt8.random(in: 0...255, using: &random)
                }
                if let part = try? RecordFormat.part(key, bytes) { read.append(part) }
            }
            guard let state = (try? PredecessorState(read)) ?? nil else { continue }
            var (service, _) = Service.resume(
                state, Findings(slots: [:], workers: [], stored: [], keeperLacks: true),
                ServiceRun.settings, policy: Policy(), former: nil,
                at: Instant(sinceStart: .seconds(99)))
            _ = service.handle(.tick, at: Instant(sinceStart: .seconds(100)))
        }
    }
}

extension RecordPart {
    /// The name of this part.
    var key: PartKey {
        switch self {
        case .service: .service
        case .listener(let number, _): .listener(number)
        case .generation(let id, _): .generation(id)
        case .worker(let id, _): .worker(id)
        case .stored: .stored
        case .duties: .duties
        case .dutiesDone: .dutiesDone
        }
    }
}
