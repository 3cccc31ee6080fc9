import ChannelProtocol
import HandoverCore
import Testing

@testable import ServiceCore

/// What is told of a process is not taken for something that the next one under the same index did.
@Suite struct ToldOfProcessesTests {
    private static let worker = WorkerID(GenerationID(1), 0)
    private static let former: Int32 = 1000
    private static let next: Int32 = 2000

    /// A worker that has died and runs again.
    private func restarted() -> ServiceRun {
        var run = ServiceRun()
        run.serve()
        run.take(.workerExited(Self.worker, pid: Self.former, .killed(signal: 9)))
        run.take(.queuesSeen(.left(Self.worker), hasData: false))
        run.now = run.now + .seconds(1)
        run.take(.tick)
        for case .renew(let slot, _) in run.verbs {
            run.take(.slotBound(slot, BoundSocket(inode: 7000)))
        }
        run.take(.workerSpawned(Self.worker, pid: Self.next, answersBinds: true))
        return run
    }

    @Test func itIsThere() {
        #expect(restarted().service.workers[Self.worker]?.pid == Self.next)
    }

    @Test func anEndThatIsToldAgainEndsTheNextOneNot() {
        var run = restarted()
        run.take(.workerExited(Self.worker, pid: Self.former, .killed(signal: 9)))
        #expect(run.service.workers[Self.worker]?.pid == Self.next)
        run.take(.workerExited(Self.worker, pid: Self.next, .killed(signal: 9)))
        #expect(run.service.workers[Self.worker] == nil)
    }

    @Test func whatTheFormerOneSaidIsNotHeardOfTheNext() {
        var run = restarted()
        var notification = Notification()
        notification.status = "former"
        run.take(
            .notified(Self.worker, pid: Self.former, notification, nil, duplicates: []))
        run.take(
            .heard(
                Self.worker, pid: Self.former,
                WorkerRequest(.hello(WorkerMessage.Hello(version: 1))), nil, duplicates: []))
        #expect(run.service.workers[Self.worker]?.statusText == nil)
        #expect(run.service.workers[Self.worker]?.channelVersion == nil)
    }

    @Test func neitherALookNorACommandAtTheFormerOneMakesTheNextReady() {
        var run = restarted()
        let slots = run.service.banks.slots(of: Self.worker).flatMap { $0 }
        let taken = Dictionary(
            uniqueKeysWithValues: slots.map { ($0.id, SlotSighting.taken) })
        let sight = WorkerSight(sightings: taken)
        run.now = run.now + .milliseconds(5)
        run.take(.tick)
        run.take(.readyCommandSucceeded(Self.worker, pid: Self.former))
        run.take(.workerSeen(Self.worker, pid: Self.former, sight))
        #expect(run.service.workers[Self.worker]?.readiness?.isReady == false)
        run.take(.workerSeen(Self.worker, pid: Self.next, sight))
        #expect(run.service.workers[Self.worker]?.readiness?.isReady == true)
    }

    /// It may have to be read by another one first.
    @Test func queuesAreNotEmptyBeforeItIsKnownWhatAnEndedWorkerHasLeft() {
        var run = ServiceRun()
        run.serve()
        let generation = GenerationID(1)
        run.take(.steered(generation, took: .zero))
        run.take(.asked(nil, .restart, .none, sendsProgress: false))
        #expect(run.service.machine.generation(generation)?.waitsForQueues == true)
        for index in 0..<2 {
            let id = WorkerID(generation, index)
            run.take(.workerExited(id, pid: Int32(1000 + index), .killed(signal: 9)))
        }
        run.take(.queuesSeen(.emptying(generation), hasData: false))
        #expect(run.service.machine.generation(generation)?.waitsForQueues == true)
        for index in 0..<2 {
            run.take(.queuesSeen(.left(WorkerID(generation, index)), hasData: false))
        }
        run.take(.steered(generation, took: .zero))
        run.now = run.now + .milliseconds(100)
        run.take(.tick)
        #expect(run.service.machine.generation(generation)?.waitsForQueues != true)
    }

    @Test func aBindOfTheFormerOneIsLeftToTheKernel() {
        var run = restarted()
        let place = run.service.banks.listeners[0].place
        let call = BindCall(place: place, facts: BindFacts(), inode: 1)
        run.take(.bindAsked(CallID(1), Self.worker, pid: Self.former, call))
        #expect(run.verbs.contains(.leaveBind(CallID(1))))
    }
}
