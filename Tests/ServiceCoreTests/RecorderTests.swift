import ChannelProtocol
import HandoverCore
import Settings
import TestSeeds
import Testing

@testable import ServiceCore

/// What is written down is what there is, and a change costs what has changed.
@Suite struct RecorderTests {
    /// The workers on record are those that there are, as they are.
    private func expectWorkers(_ run: ServiceRun) {
        let generations = run.service.machine.generations
        let present = generations.flatMap { generation in
            generation.workers.indices.map { WorkerID(generation.id, $0) }
        }
        let recorded = run.record.keys.compactMap { key -> WorkerID? in
            if case .worker(let id) = key { id } else { nil }
        }
        #expect(recorded.sorted() == present.sorted())
        for id in present {
            #expect(run.record[.worker(id)] == run.service.workerPart(id).map { .worker(id, $0) })
        }
    }

    @Test func workersAreOnRecordAsTheyAre() {
        var run = ServiceRun()
        run.serve()
        expectWorkers(run)
        for generation in 2...4 {
            run.take(
                .asked(
                    nil, .upgrade(command: nil, workers: generation), .none, sendsProgress: false))
            run.bindAll()
            for index in 0..<generation {
                let id = WorkerID(GenerationID(generation), index)
                run.take(
                    .workerSpawned(id, pid: Int32(generation * 100 + index), answersBinds: false))
                expectWorkers(run)
                run.take(
                    .workerExited(id, pid: Int32(generation * 100 + index), .exited(status: 1)))
                run.take(.queuesSeen(.left(id), hasData: false))
                expectWorkers(run)
            }
        }
    }

    @Test func oneSessionsMessageWritesItsWorkerAlone() {
        var run = ServiceRun()
        run.serve()
        var service = run.service
        var recorder = Recorder()
        _ = recorder.changes(&service)
        let id = WorkerID(GenerationID(1), 1)
        _ = service.handle(
            .heard(
                id, pid: 1001, WorkerRequest(.hello(WorkerMessage.Hello(version: 1))), nil,
                duplicates: []),
            at: run.now)
        _ = recorder.changes(&service)
        _ = service.handle(
            .heard(id, pid: 1001, WorkerRequest(.sessions(7)), nil, duplicates: []), at: run.now)
        #expect(recorder.changes(&service).map(\.0) == [.worker(id)])
    }

    /// The duties on record are those that are open, whatever their order; those that are done in order
    /// cost a number.
    @Test func dutiesAreOnRecordUntilTheyAreDone() throws {
        var random = SeededGenerator(seed: 11)
        var run = ServiceRun()
        run.serve()
        var (service, record) = (run.service, run.record)
        var recorder = Recorder()
        var number = 0
        for _ in 0..<2000 {
            let open = service.duties
            switch Int.random(in: 0...3, using: &random) {
            case 0:
                for _ in 0..<Int.random(in: 1...3, using: &random) {
                    number += 1
                    service.pending.add(.forgetStored([number]))
                }
            case 1: if let duty = open.randomElement(using: &random) { service.isDone(duty) }
            default: if let duty = open.first { service.isDone(duty) }
            }
            for (key, part) in recorder.changes(&service) { record[key] = part }
            let state = try #require(try PredecessorState(Array(record.values)))
            #expect(state.duties == service.duties)
        }
    }

    @Test func aDutyThatIsDoneInOrderCostsANumber() {
        var run = ServiceRun()
        run.serve()
        var service = run.service
        var recorder = Recorder()
        for number in 0..<100 { service.pending.add(.forgetStored([number])) }
        _ = recorder.changes(&service)
        for number in 0..<99 {
            service.isDone(.forgetStored([number]))
            #expect(recorder.changes(&service).map(\.0) == [.dutiesDone])
        }
        service.isDone(.forgetStored([99]))
        #expect(recorder.changes(&service).allSatisfy { $0.1 == nil })
    }
}
