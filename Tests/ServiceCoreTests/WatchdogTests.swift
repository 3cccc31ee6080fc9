import ChannelProtocol
import HandoverCore
import Settings
import Testing

@testable import ServiceCore

/// Who is ended for its silence, and who is not.
@Suite struct WatchdogTests {
    private static let worker = WorkerID(GenerationID(1), 0)
    private static let abort = Verb.duty(.signal(worker, 6))

    private func run(watchdog: Duration?) -> ServiceRun {
        var settings = ServiceRun.settings
        settings.watchdog = watchdog
        var run = ServiceRun(settings)
        run.serve()
        return run
    }

    private var alive: Input {
        var notification = Notification()
        notification.watchdog = .alive
        return .notified(Self.worker, pid: 1000, notification, nil, duplicates: [])
    }

    @Test func whatWasSaidDuringAPauseIsHeardFirst() {
        var run = run(watchdog: .seconds(5))
        // This supervisor stands still until just after the end of the interval.
        run.now = run.now + .milliseconds(5100)
        run.take(.tick)
        run.take(alive)
        run.now = run.now + .milliseconds(600)
        run.take(.tick)
        #expect(!run.verbs.contains(Self.abort))
    }

    @Test func whoStaysSilentIsEnded() {
        var run = run(watchdog: .seconds(5))
        run.now = run.now + .milliseconds(5100)
        run.take(.tick)
        for _ in 0..<5 {
            #expect(!run.verbs.contains(Self.abort))
            run.now = run.now + .milliseconds(100)
            run.take(.tick)
        }
        #expect(run.verbs.contains(Self.abort))
    }

    /// What a worker says after a second pause is heard as well.
    @Test func theTimeInWhichTheSupervisorStandsStillAgainDoesNotCount() {
        var run = run(watchdog: .seconds(5))
        run.now = run.now + .milliseconds(5100)
        run.take(.tick)
        for _ in 0..<10 {
            run.now = run.now + .milliseconds(160)
            run.take(.tick)
        }
        #expect(!run.verbs.contains(Self.abort))
        run.take(alive)
        for _ in 0..<10 {
            run.now = run.now + .milliseconds(100)
            run.take(.tick)
        }
        #expect(!run.verbs.contains(Self.abort))
    }

    @Test func whoAsksForItIsEndedWithoutAnInterval() {
        var run = run(watchdog: nil)
        var notification = Notification()
        notification.watchdog = .trigger
        run.take(.notified(Self.worker, pid: 1000, notification, nil, duplicates: []))
        #expect(run.verbs.contains(Self.abort))
        // It was a deadline that never passed: the supervisor turned in a circle.
        #expect(run.service.nextDeadline.map { $0 > run.now } ?? true)
    }
}
