import ChannelProtocol
import HandoverCore
import Testing

@testable import ServiceCore

/// Which workers are looked at for sessions that do not pass their slots.
@Suite struct OutsideCountTests {
    private static let first = GenerationID(1)

    private func draining() -> ServiceRun {
        var run = ServiceRun()
        run.serve()
        run.take(.asked(nil, .stop(within: nil), .none, sendsProgress: false))
        return run
    }

    private func counted(_ run: ServiceRun) -> [WorkerID]? {
        for case .countOutside(Self.first, let workers) in run.verbs.reversed() { return workers }
        return nil
    }

    @Test func allWorkersAreLookedAtAsTheDrainBegins() {
        let run = draining()
        #expect(counted(run) == [WorkerID(Self.first, 0), WorkerID(Self.first, 1)])
        #expect(run.service.machine.generation(Self.first)?.phase == .draining)
    }

    @Test func aWorkerThatSaysItIsDrainedIsNotLookedAtAnyMore() {
        var run = draining()
        run.take(.outsideCounted(Self.first, OutsideCount(ports: 1)))
        for message in [WorkerMessage.hello(WorkerMessage.Hello(version: 1)), .drained] {
            let request = WorkerRequest(message)
            run.take(.heard(WorkerID(Self.first, 0), pid: 1000, request, nil, duplicates: []))
        }
        run.now = run.now + .seconds(1)
        run.take(.tick)
        #expect(counted(run) == [WorkerID(Self.first, 1)])
    }

    @Test func whatIsCountedIsToldInTheStatusLine() {
        var run = draining()
        run.take(.flowsCounted([:]))
        run.take(.outsideCounted(Self.first, OutsideCount(connections: 2, connected: 1)))
        #expect(run.service.statusLine.contains("3 other sessions"), "\(run.service.statusLine)")
        #expect(run.service.machine.generation(Self.first)?.phase == .draining)
    }
}
