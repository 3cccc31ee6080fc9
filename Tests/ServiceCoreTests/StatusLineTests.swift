import HandoverCore
import Testing

@testable import ServiceCore

/// What the service manager is told while a stop drains.
@Suite struct StatusLineTests {
    @Test func aStopSaysHowLongItMayTake() {
        var run = ServiceRun()
        run.serve()
        var policy = Policy()
        policy.stopDrainTimeout = .seconds(30)
        _ = run.service.machine.handle(.changePolicy(policy), at: run.now)
        run.take(.stopSignal(.stop))
        #expect(
            run.service.statusLine.hasPrefix("stops, sessions have 30.0 seconds at most to end: "),
            "\(run.service.statusLine)")
        let told = run.verbs.contains {
            guard case .announce(.note(_, let text, _)) = $0 else { return false }
            return text.contains("for 30.0 seconds at most (StopDrainTimeout=)")
        }
        #expect(told, "\(run.verbs)")
    }

    @Test func aStopWithAnotherLimitHasThatAlone() {
        var run = ServiceRun()
        run.serve()
        run.take(.asked(AskerID(1), .stop(within: .seconds(300)), .drained, sendsProgress: false))
        #expect(run.service.machine.policy.drainTimeoutAtStop == .seconds(300))
    }
}
