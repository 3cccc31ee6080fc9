import HandoverCore
import Testing

@testable import ServiceCore

/// What comes of processes that no running worker has.
@Suite struct StrayDifferenceTests {
    private static let server = WorkerID(GenerationID(1), 0)

    private static var ought: Expected {
        var listener = Expected.Listener(address: "udp://127.0.0.1:53")
        listener.slots = [
            0: Expected.Slot(inode: 10, server: server),
            1: Expected.Slot(inode: 11, server: WorkerID(GenerationID(1), 1)),
        ]
        return Expected(listeners: [listener])
    }

    private static var seen: Observation { Observation(listeners: [Observation.Listener()]) }

    private static func found(
        twice: Bool = true, running: Set<WorkerID> = [server], _ stray: Observation.Stray
    ) -> [Difference] {
        var ought = Self.ought
        ought.workers = running
        var seen = Self.seen
        seen.strays = [stray]
        return ought.differences(from: seen, after: twice ? seen : Self.seen)
    }

    @Test func aProcessThatAWorkerHasLeftIsEndedOnceItStays() {
        let gone = WorkerID(GenerationID(1), 7)
        let stray = Observation.Stray(pid: 77, name: "helper", worker: gone, isOurs: true)
        #expect(Self.found(twice: false, stray).isEmpty)
        let found = Self.found(stray)
        #expect(found == [.leftover(gone, stray)])
        #expect(found.map(\.repair) == [.end(pid: 77, of: gone)])
        #expect(found.allSatisfy { !$0.isHarm && $0.listener == nil })
    }

    /// Its worker may have been started since the processes were looked at.
    @Test func aProcessOfAWorkerThatRunsIsLeftAlone() {
        let stray = Observation.Stray(pid: 77, name: "helper", worker: Self.server, inodes: [10])
        #expect(Self.found(stray).isEmpty)
    }

    @Test func aStrangeProcessWithASlotsSocketIsToldAndNotEnded() {
        let stray = Observation.Stray(pid: 77, name: "other", inodes: [11, 4711])
        let found = Self.found(stray)
        #expect(found == [.shared(SlotID(listener: 0, number: 1), stray)])
        #expect(
            found.allSatisfy { $0.isHarm && $0.repair == nil && $0.words.contains("process 77") })
        #expect(Self.found(.init(pid: 77, name: "other", inodes: [4711])).isEmpty)
    }

    /// What one that somebody else has started lets go of comes to anybody.
    @Test func aProcessWithTheSocketOfAWorkerThatHasJoinedMayBeItsOwn() {
        var ought = Self.ought
        ought.listeners[0].slots[1]?.isJoined = true
        var seen = Self.seen
        seen.strays = [.init(pid: 77, name: "helper", inodes: [11])]
        #expect(ought.differences(from: seen, after: seen).isEmpty)
    }

    /// A server that has let go of a helper looks like that.
    @Test func aNamelessProcessThatCameToTheSupervisorMayBeItsWorkers() {
        #expect(Self.found(.init(pid: 77, name: "helper", isOurs: true, inodes: [10])).isEmpty)
    }

    @Test func whatAWorkerHasLeftIsToldOnceAndEnded() throws {
        var run = ServiceRun()
        run.serve()
        // The first look is due at once.
        run.take(.observed(Observation()))
        let stray = Observation.Stray(pid: 77, name: "helper", worker: WorkerID(GenerationID(9), 0))
        var verbs: [Verb] = []
        for _ in 0..<3 {
            run.now = run.now + .seconds(20)
            run.take(.tick)
            let before = run.verbs.count
            run.take(.observed(Observation(listeners: [Observation.Listener()], strays: [stray])))
            verbs += run.verbs.dropFirst(before)
        }
        let id = WorkerID(GenerationID(9), 0)
        #expect(verbs.contains(.endLeftover(pid: 77, of: id)))
        let told = verbs.count { verb in
            if case .announce(.warning(_, id)) = verb { true } else { false }
        }
        #expect(told == 1)
    }
}
