import ControlProtocol
import Kernel

/// Kills one supervisor after the other at random moments, in the event loop of a load.
final class KillSeries {
    /// From the start of a next supervisor until it answers.
    private(set) var times: [Duration] = []
    private(set) var kills = 0
    /// Next supervisors that were killed before they answered.
    private(set) var earlyKills = 0
    /// The newest handover's phase at a kill, and how often.
    private(set) var phases: [String: Int] = [:]
    private(set) var otherGenerations = 0
    private(set) var lostWorkers = 0
    private let count: Int
    private let service: SupervisedService
    private let loop: EventLoop
    private let then: () -> Void
    private var numbers: SeededNumbers
    private var failure: (any Error)?
    private var before: ServiceStatus

    /// How long a supervisor lives once it answers, at most.
    private static let life = Duration.milliseconds(1500)
    /// When a supervisor is killed that does not answer yet, at most.
    private static let childhood = Duration.milliseconds(60)

    init(
        _ count: Int, of service: SupervisedService, seed: UInt64, in loop: EventLoop,
        then: @escaping () -> Void
    ) throws {
        self.count = count
        self.service = service
        self.loop = loop
        self.then = then
        numbers = SeededNumbers(seed: seed)
        before = try service.status()
    }

    /// Begins with the first one, after a while.
    func begin() { schedule(after: numbers.duration(upTo: Self.life)) { try $0.strike() } }

    /// Throws what went wrong inside the event loop.
    func rethrow() throws { if let failure { throw failure } }

    private func schedule(after time: Duration, _ step: @escaping (KillSeries) throws -> Void) {
        _ = loop.schedule(at: MonotonicClock.now() + time) { [unowned self] in
            do {
                try step(self)
            } catch {
                failure = error
                loop.stop()
            }
        }
    }

    private func strike() throws {
        before = try service.status()
        phases[before.handover?.phase.rawValue ?? "no handover", default: 0] += 1
        try kill()
    }

    private func kill() throws {
        try service.killSupervisor()
        kills += 1
        let start = MonotonicClock.now()
        try service.startSuccessor()
        if kills < count, numbers.next() % 5 == 0 {
            schedule(after: numbers.duration(upTo: Self.childhood)) { series in
                series.earlyKills += 1
                try series.kill()
            }
        } else {
            look(since: start)
        }
    }

    private func look(since start: Duration) {
        schedule(after: .milliseconds(1)) { series in
            guard let after = try? series.service.status() else {
                if try series.service.hasSupervisorEnded() {
                    throw LoadError("the next supervisor ended: \(series.service.tail())")
                }
                if MonotonicClock.now() - start > .seconds(30) {
                    throw LoadError("the next supervisor is mute: \(series.service.tail())")
                }
                return series.look(since: start)
            }
            series.judge(after, MonotonicClock.now() - start)
        }
    }

    private func judge(_ after: ServiceStatus, _ time: Duration) {
        times.append(time)
        let succession = Succession(before: before, after: after)
        if !succession.keepsCurrent { otherGenerations += 1 }
        lostWorkers += succession.lostWorkers
        if kills == count { return then() }
        begin()
    }
}
