import ControlProtocol
import Kernel

/// Kills one supervisor after the other at random moments, in the event loop of a load.
final class KillSeries {
    /// From the start of a next supervisor until it answers.
    private(set) var times: [Duration] = []
    private(set) var kills = 0
    /// Next supervisors that were killed before they answered.
    private(set) var earlyKills = 0
    /// Kills between an upgrade's request and its flip.
    private(set) var amidUpgrades = 0
    /// Next supervisors that knew of no current generation, or of an older one only.
    private(set) var setBack = 0
    /// Workers that ran and that the next supervisor did not know.
    private(set) var lostWorkers = 0
    private let count: Int
    private let service: SupervisedService
    private let loop: EventLoop
    private let isUpgrading: () -> Bool
    private let then: () -> Void
    private var numbers: SeededNumbers
    private var failure: (any Error)?
    private var newest = 0

    /// How long a supervisor lives once it answers, at most.
    private static let life = Duration.milliseconds(1000)
    /// When a supervisor is killed that does not answer yet, at most.
    private static let childhood = Duration.milliseconds(60)

    init(
        _ count: Int, of service: SupervisedService, seed: UInt64, in loop: EventLoop,
        isUpgrading: @escaping () -> Bool, then: @escaping () -> Void
    ) {
        self.count = count
        self.service = service
        self.loop = loop
        self.isUpgrading = isUpgrading
        self.then = then
        numbers = SeededNumbers(seed: seed)
    }

    /// Begins with the first one, after a while.
    func begin() { schedule(after: numbers.duration(upTo: Self.life)) { try $0.kill() } }

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

    private func kill() throws {
        try service.killSupervisor()
        kills += 1
        if isUpgrading() { amidUpgrades += 1 }
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
            series.times.append(MonotonicClock.now() - start)
            try series.judge(after)
        }
    }

    private func judge(_ status: ServiceStatus) throws {
        let current = status.current ?? 0
        if current < max(newest, 1) { setBack += 1 }
        newest = max(newest, current)
        // Those that run now are known by now, or have ended meanwhile.
        let running = try service.workers()
        let known = try service.status().generations.flatMap(\.workers).compactMap(\.pid)
        lostWorkers += running.count {
            !known.contains(Int($0)) && SupervisedService.isAlive($0)
        }
        if kills == count { return then() }
        begin()
    }
}
