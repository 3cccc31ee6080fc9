import HandoverCore
import Testing

@testable import ServiceCore

@Suite struct SteeringAnswerTests {
    private static let first = GenerationID(1)
    private static let fault = PortFault("no memory")

    private static func serving() -> ServiceRun {
        var run = ServiceRun()
        run.serve()
        run.take(.observed(Observation()))
        run.take(.steered(first, took: .microseconds(3)))
        return run
    }

    private static func steers(_ run: ServiceRun) -> Int {
        run.verbs.count { verb in if case .duty(.steer) = verb { true } else { false } }
    }

    @Test func whatWasRefusedIsAskedForAgainAfterASecond() throws {
        var run = Self.serving()
        run.take(.steeringFailed(Self.first, Self.fault))
        #expect(run.service.machine.steeringAnswer == .refused)
        let before = Self.steers(run)
        let next = try #require(run.service.nextDeadline)
        #expect(next <= run.now + .seconds(1))
        run.now = run.now + .seconds(1)
        run.take(.tick)
        #expect(Self.steers(run) == before + 1)
        run.take(.steered(Self.first, took: .microseconds(3)))
        #expect(run.service.machine.steeringAnswer == .accepted)
    }

    @Test func aRefusalIsToldOnce() {
        var run = Self.serving()
        for _ in 0..<3 {
            run.take(.steeringFailed(Self.first, Self.fault))
            run.now = run.now + .seconds(1)
            run.take(.tick)
        }
        let told = run.verbs.count { verb in
            if case .announce(.critical(let text)) = verb {
                text.contains("no memory")
            } else {
                false
            }
        }
        #expect(told == 1)
    }

    @Test func whoServesKeepsTheFlowsThatCouldNotBeMoved() {
        var run = Self.serving()
        let slots = run.service.banks.slots(of: WorkerID(Self.first, 0)).flatMap { $0 }.map(\.id)
        run.take(.resteeringFailed(slots, Self.fault))
        run.now = run.now + .seconds(1)
        run.take(.tick)
        // Its generation is current: what is pinned there by now is to stay.
        #expect(!run.verbs.contains(.duty(.resteer(slots))))
    }
}
