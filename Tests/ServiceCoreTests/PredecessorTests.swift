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
        run.programs[GenerationID(1)] = Program(
            files: [
                ProgramFile(
                    named: "/bin/server", place: "/usr/bin/server", path: "/usr/bin/server-1",
                    facts: FileFacts(device: 1, inode: 2, size: 3, modified: .max))
            ], buildID: "ab")
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

    /// What a predecessor wrote of things that are gone is taken out by the next one, for a third one
    /// would take it up.
    @Test func whatIsGoneIsTakenOut() throws {
        let gone = WorkerID(GenerationID(7), 0)
        let some = try #require(
            parts().compactMap { part in
                if case .worker(_, let worker) = part { worker } else { nil }
            }.first)
        let entry = StoredEntry(number: 3, index: 0, name: "state")
        let state = try #require(
            try PredecessorState(
                try parts() + [
                    .stored([entry]), .worker(gone, some), .duties([.forgetStored([3])]),
                ]))
        var (service, _) = Service.resume(
            state, Findings(slots: state.sockets, workers: [], stored: [], keeperLacks: false),
            ServiceRun.settings, policy: Policy(), former: nil,
            at: Instant(sinceStart: .seconds(99)))
        for duty in service.duties { service.isDone(duty) }
        var recorder = Recorder(after: state)
        let written = recorder.changes(&service)
        let taken = Set(written.compactMap { $0.1 == nil ? $0.0 : nil })
        #expect(taken.subtracting([.duties, .dutiesDone]) == [.stored, .worker(gone)])
        // What is as the predecessor wrote it is not written again.
        #expect(!written.contains { $0.0 == .generation(GenerationID(1)) })
        #expect(recorder.changes(&service).isEmpty)
    }

    /// Findings of workers that run, where a test says so.
    private func findings(
        _ state: PredecessorState, _ slots: [SlotID: UInt64], running: [WorkerID] = []
    ) -> Findings {
        Findings(
            slots: slots,
            workers: running.map {
                .init($0, pid: 1000 + Int32($0.index), isAlive: true, isKeepers: true)
            }, stored: [], keeperLacks: false)
    }

    private func resume(
        _ state: PredecessorState, _ findings: Findings
    ) -> (service: Service, verbs: [Verb]) {
        Service.resume(
            state, findings, ServiceRun.settings, policy: Policy(), former: nil,
            at: Instant(sinceStart: .seconds(99)))
    }

    /// What a supervisor leaves whose second generation has ended while the first one drains to the service's end.
    private func leftWithoutTheGenerationOfNewFlows() throws -> PredecessorState {
        var run = ServiceRun()
        run.serve()
        run.take(.steered(GenerationID(1), took: .zero))
        run.take(.asked(nil, .upgrade(command: nil, workers: nil), .none, sendsProgress: false))
        run.bindAll()
        let second = (0..<2).map { WorkerID(GenerationID(2), $0) }
        for (number, id) in second.enumerated() {
            run.take(.workerSpawned(id, pid: Int32(2000 + number), answersBinds: true))
            run.now = run.now + .milliseconds(5)
            run.take(.tick)
            let slots = run.service.banks.slots(of: id).joined().map { ($0.id, SlotSighting.taken) }
            run.take(
                .workerSeen(
                    id, pid: Int32(2000 + number),
                    WorkerSight(sightings: Dictionary(uniqueKeysWithValues: slots))))
        }
        run.take(.steered(GenerationID(2), took: .zero))
        run.take(.flowsCounted([SlotID(listener: 0, number: 0): FlowCount(confirmed: 2)]))
        run.take(.asked(nil, .restart, .none, sendsProgress: false))
        run.take(.queuesSeen(.emptying(GenerationID(2)), hasData: false))
        run.now = run.now + .seconds(1)
        run.take(.tick)
        run.take(.asked(nil, .stop(within: nil), .none, sendsProgress: false))
        let slots = second.flatMap { run.service.banks.slots(of: $0).joined().map(\.id) }
        for (number, id) in second.enumerated() {
            run.take(.workerExited(id, pid: Int32(2000 + number), .exited(status: 0)))
            run.take(.queuesSeen(.left(id), hasData: false))
        }
        for slot in slots { run.take(.slotReleased(slot, of: GenerationID(2), lost: 0, total: 0)) }
        return try #require(try PredecessorState(Array(run.record.values)))
    }

    /// A drain would wait for an answer that nobody gives.
    @Test func whereNewFlowsGoToAGenerationThatIsOverNoAnswerIsWaitedFor() throws {
        let state = try leftWithoutTheGenerationOfNewFlows()
        let workers = (0..<2).map { WorkerID(GenerationID(1), $0) }
        let (service, verbs) = resume(state, findings(state, state.sockets, running: workers))
        #expect(service.machine.generation(GenerationID(1))?.phase == .draining)
        #expect(service.machine.steering?.generation == GenerationID(2))
        #expect(!verbs.contains { if case .duty(.steer) = $0 { true } else { false } })
        #expect(service.machine.steeringAnswer == .accepted)
    }

    /// A service that was left by a restart of its unit, or by a crash.
    private func left(restarting: Bool) throws -> PredecessorState {
        var run = ServiceRun()
        run.service.holdsLifeLine = true
        run.serve()
        if restarting { run.take(.stopSignal(.restart)) }
        return try #require(try PredecessorState(Array(run.record.values)))
    }

    @Test(arguments: [true, false], [true, false])
    func aRestartBringsTheProgramThatIsNewerOnDiskAndACrashDoesNot(
        _ restarting: Bool, _ newer: Bool
    ) throws {
        let state = try left(restarting: restarting)
        #expect(state.service.isRestarting == (restarting ? true : nil))
        let workers = (0..<2).map { WorkerID(GenerationID(1), $0) }
        var found = findings(state, state.sockets, running: workers)
        found.newerProgram = newer ? "/bin/server is another file now, or gone" : nil
        var (service, verbs) = resume(state, found)
        let upgrades = verbs.contains { if case .identify = $0 { true } else { false } }
        #expect(upgrades == (restarting && newer))
        #expect(
            verbs.contains {
                if case .announce(.note(_, let text, _)) = $0 {
                    text.contains("another file now")
                } else {
                    false
                }
            } == upgrades)
        // It is asked for once, by whoever begins it.
        #expect(service.servicePart.isRestarting == nil)
        #expect(service.machine.generations.count == (upgrades ? 2 : 1))
        verbs = service.handle(.tick, at: Instant(sinceStart: .seconds(100)))
        #expect(!verbs.contains { if case .identify = $0 { true } else { false } })
    }

    /// A worker notices a signal that comes twice.
    @Test func eachDutyIsGivenOutOnce() throws {
        let id = WorkerID(GenerationID(1), 0)
        let waiting = Duty.signal(id, 15)
        let spoilt = try parts().map { part in
            guard case .worker(id, var worker) = part else { return part }
            worker.process?.waiting = [waiting]
            return .worker(id, worker)
        }
        let state = try #require(try PredecessorState(spoilt + [.duties([.letGo(id)])]))
        var slots = state.sockets
        let stray = SlotID(listener: 0, number: 9)
        slots[stray] = 99
        let (service, verbs) = resume(state, findings(state, slots, running: [id]))
        for duty in service.duties { #expect(verbs.count { $0 == .duty(duty) } == 1, "\(duty)") }
        #expect(service.duties.contains(waiting))
        #expect(service.duties.contains(.release(stray, of: nil, dropsBefore: 0)))
    }

    /// The predecessor did not live to write down that it had bound another one.
    @Test func aSocketThatWasPutIntoASlotBetweenTwoWorkersIsTaken() throws {
        let state = try #require(try PredecessorState(try parts()))
        let id = WorkerID(GenerationID(1), 0)
        let slot = try #require(state.banks[GenerationID(1)]?.slots[0].joined().first)
        var slots = state.sockets
        slots[slot.id] = 4711
        let (service, verbs) = resume(state, findings(state, slots))
        #expect(service.banks.slots(of: id).joined().first?.inode == 4711)
        #expect(service.banks.needsRenewal(id))
        #expect(!verbs.contains { if case .recover(slot.id, _, _) = $0 { true } else { false } })
    }

    /// Nor that it had put a fresh one beside the one that its worker has connected: what has come to that
    /// since is not to be lost, and the worker gets it when it binds again.
    @Test func aSocketThatWasPutIntoTheSlotOfAWorkerThatRunsIsTakenAsAFreshOne() throws {
        let state = try #require(try PredecessorState(try parts()))
        let id = WorkerID(GenerationID(1), 0)
        let slot = try #require(state.banks[GenerationID(1)]?.slots[0].joined().first)
        var slots = state.sockets
        slots[slot.id] = 4711
        let (service, verbs) = resume(state, findings(state, slots, running: [id]))
        let taken = try #require(service.banks.slots(of: id).joined().first)
        #expect(taken.inode == 4711)
        #expect(!taken.isTaken)
        #expect(!verbs.contains { if case .recover = $0 { true } else { false } })
    }

    /// The worker is to be ended on record before there is another socket: a successor that finds that one
    /// would take it for one that the worker may get.
    @Test func theWorkerOfASocketThatIsLostIsStartedAgainOnAnotherOne() throws {
        let state = try #require(try PredecessorState(try parts()))
        let id = WorkerID(GenerationID(1), 0)
        let slot = try #require(state.banks[GenerationID(1)]?.slots[0].joined().first)
        var slots = state.sockets
        slots[slot.id] = nil
        var (service, _) = resume(state, findings(state, slots, running: [id]))
        let now = Instant(sinceStart: .seconds(99))
        let verbs = service.handle(.slotLost(slot.id, of: id), at: now)
        let kill = try #require(verbs.firstIndex(of: .duty(.signal(id, 9))))
        #expect(kill < (try #require(verbs.firstIndex(of: .bind(slot.id)))))
        #expect(service.duties.contains(.signal(id, 9)))
        _ = service.handle(.slotBound(slot.id, BoundSocket(inode: 4711)), at: now)
        #expect(service.banks.slots(of: id).joined().first?.inode == 4711)
        // It is there: a second word of it says nothing new.
        #expect(!service.handle(.slotLost(slot.id, of: id), at: now).contains(.bind(slot.id)))
    }

    @Test func aSocketThatCannotBeGotBackIsAskedForAgain() throws {
        let state = try #require(try PredecessorState(try parts()))
        let id = WorkerID(GenerationID(1), 0)
        let slot = try #require(state.banks[GenerationID(1)]?.slots[0].joined().first)
        var slots = state.sockets
        slots[slot.id] = nil
        var (service, verbs) = resume(state, findings(state, slots, running: [id]))
        let wanted = Verb.recover(slot.id, from: id, inode: slot.inode)
        #expect(verbs.contains(wanted))
        let now = Instant(sinceStart: .seconds(99))
        let fault = PortFault("too many open files")
        #expect(!service.handle(.bindFailed(slot.id, fault), at: now).contains(wanted))
        let later = try #require(service.nextDeadline)
        #expect(later <= now + .seconds(1))
        #expect(service.handle(.tick, at: now + .seconds(1)).contains(wanted))
        let found = BoundSocket(inode: slot.inode)
        _ = service.handle(
            .slotRecovered(slot.id, found, of: id), at: now + .seconds(1))
        #expect(!service.handle(.tick, at: now + .seconds(3)).contains(wanted))
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
            { $0.process?.life = .running(pid: 0) },
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

    /// Sums of such numbers would overflow.
    @Test(
        arguments: [
            { (part: inout RecordPart.WorkerPart) in part.slots[0][0].dropsBefore = .max },
            { $0.slots[0][0].dropsBefore = .min },
            { $0.process?.startedAt = Instant(sinceStart: .seconds(Int64.max)) },
        ] as [@Sendable (inout RecordPart.WorkerPart) -> Void])
    func aNumberOutOfAllProportionIsRefused(
        spoil: @Sendable (inout RecordPart.WorkerPart) -> Void
    ) throws {
        for case .worker(let id, var worker) in try parts() where id.generation.number == 1 {
            guard
                case .set(let key, let sound) = try RecordFormat.change(
                    .worker(id), .worker(id, worker))
            else { continue }
            _ = try RecordFormat.part(key, sound)
            spoil(&worker)
            guard
                case .set(_, let bytes) = try RecordFormat.change(
                    .worker(id), .worker(id, worker))
            else { continue }
            #expect(throws: RecordValueFault.self) { try RecordFormat.part(key, bytes) }
        }
    }

    @Test func aMissingPartIsRefused() throws {
        for gone in try parts() {
            let rest = try parts().filter { $0.key != gone.key }
            switch gone {
            case .service: #expect(try PredecessorState(rest) == nil)
            case .worker, .listener:
                #expect(throws: PredecessorState.Fault.self) { try PredecessorState(rest) }
            case .generation, .stored, .duties, .dutiesDone, .program, .history: break
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
        case .program(let number, _): .program(number)
        case .history(let id, _): .history(id)
        case .generation(let id, _): .generation(id)
        case .worker(let id, _): .worker(id)
        case .stored: .stored
        case .duties: .duties
        case .dutiesDone: .dutiesDone
        }
    }
}
