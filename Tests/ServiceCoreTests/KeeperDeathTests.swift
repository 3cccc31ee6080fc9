import HandoverCore
import Testing

@testable import ServiceCore

/// Workers that a keeper was asked for which has died.
@Suite struct KeeperDeathTests {
    private let first = WorkerID(GenerationID(1), 0)
    private let second = WorkerID(GenerationID(1), 1)

    /// One of two workers runs, the other one is asked for.
    private func run() -> ServiceRun {
        var run = ServiceRun()
        run.take(.start)
        run.bindAll()
        run.take(.workerSpawned(first, pid: 1000, answersBinds: true))
        return run
    }

    @Test func areAskedOfTheNextOneOnceTheFormerOnesAreEnded() throws {
        var run = run()
        let before = run.verbs.count
        run.take(.keeperLost(pid: 7))
        let verbs = run.verbs.dropFirst(before)
        let renewal = try #require(verbs.firstIndex(of: .renewKeeper(starting: [second])))
        let spawn = try #require(verbs.firstIndex(of: .spawn(second)))
        #expect(renewal < spawn)
        #expect(!verbs.contains(.spawn(first)))
        #expect(run.service.workers[second]?.life == .asked)
        #expect(run.service.machine.generation(GenerationID(1))?.phase == .starting)
        run.take(.workerSpawned(second, pid: 1001, answersBinds: true))
        #expect(run.service.workers[second]?.pid == 1001)
    }

    /// A worker that keepers die of is not asked for without end.
    @Test func failWithTheSecondDeath() {
        var run = run()
        run.take(.keeperLost(pid: 7))
        let before = run.verbs.count
        run.take(.keeperLost(pid: 8))
        let verbs = run.verbs.dropFirst(before)
        #expect(verbs.contains(.renewKeeper(starting: [second])))
        #expect(!verbs.contains(.spawn(second)))
        #expect(run.service.workers[second]?.life != .asked)
    }
}
