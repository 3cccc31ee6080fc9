import ControlProtocol
import Kernel

/// Kills supervisors, and others of a service, at random moments, in the event loop of a load.
final class KillSeries {
    /// From the start of a next supervisor until it answers.
    private(set) var times: [Duration] = []
    /// What it has taken of the CPUs until then, `relevo run` included.
    private(set) var processorTimes: [Duration] = []
    private(set) var kills = 0
    /// Of each kind.
    private(set) var victims: [Victim: Int] = [:]
    let killed = KilledProcesses()
    /// Next supervisors that were killed before they answered.
    private(set) var earlyKills = 0
    /// Kills between an upgrade's request and its flip.
    private(set) var amidUpgrades = 0
    /// Next supervisors that knew of no current generation, or of an older one only.
    private(set) var setBack = 0
    /// Workers that ran and that the next supervisor did not know.
    private(set) var lostWorkers = 0
    private let count: Int
    private let choice: [Victim]
    private let service: SupervisedService
    private let loop: EventLoop
    private let isUpgrading: () -> Bool
    private let then: () -> Void
    private var numbers: SeededNumbers
    private var failure: (any Error)?
    private var newest = 0
    private var probe: StatusProbe?
    private var limit: EventLoop.Token?

    /// How long a supervisor lives once it answers, at most.
    private static let life = Duration.milliseconds(1000)
    /// When a supervisor is killed that does not answer yet, at most.
    private static let childhood = Duration.milliseconds(60)

    init(
        _ count: Int, _ choice: [Victim], of service: SupervisedService, seed: UInt64,
        in loop: EventLoop, isUpgrading: @escaping () -> Bool, then: @escaping () -> Void
    ) {
        self.count = count
        self.choice = choice
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
            attempt { try step(self) }
        }
    }

    private func kill() throws {
        let victim = choice.randomElement(using: &numbers) ?? .supervisor
        switch victim {
        case .supervisor: break
        case .keeper: try service.killKeeper()
        case .worker:
            // Most of them are about to end anyway where upgrades follow each other.
            guard let worker = try service.workers().sorted().randomElement(using: &numbers),
                try service.killAtRest(worker, noting: killed)
            else { return begin() }
        }
        count(victim)
        if victim == .supervisor { try killSupervisor() } else { look(since: nil) }
    }

    private func count(_ victim: Victim) {
        kills += 1
        victims[victim, default: 0] += 1
        if isUpgrading() { amidUpgrades += 1 }
    }

    private func killSupervisor() throws {
        try service.killSupervisor()
        let start = MonotonicClock.now()
        try service.startSuccessor()
        if kills < count, numbers.next() % 5 == 0 {
            schedule(after: numbers.duration(upTo: Self.childhood)) { series in
                series.earlyKills += 1
                series.count(.supervisor)
                try series.killSupervisor()
            }
        } else {
            look(since: start)
        }
    }

    /// - Parameter start: when a next supervisor was started, if one was.
    private func look(since start: Duration?) {
        probe = StatusProbe(at: service.controlPath, in: loop) { [unowned self] status in
            let end = MonotonicClock.now()
            attempt {
                if let start {
                    times.append(end - start)
                    processorTimes.append(try service.supervisorTime())
                }
                if let limit { loop.remove(limit) }
                limit = nil
                // Not from inside of the probe that is to go.
                schedule(after: .zero) { try $0.judge(status) }
            }
        }
        limit = loop.schedule(at: MonotonicClock.now() + .seconds(30)) { [unowned self] in
            limit = nil
            attempt {
                let hasEnded = try service.hasSupervisorEnded()
                throw LoadError(
                    "the next supervisor \(hasEnded ? "ended" : "is mute"): \(service.tail())")
            }
        }
    }

    private func attempt(_ body: () throws -> Void) {
        do {
            try body()
        } catch {
            failure = error
            loop.stop()
        }
    }

    private func judge(_ status: ServiceStatus) throws {
        probe = nil
        let current = status.current ?? 0
        if current < max(newest, 1) { setBack += 1 }
        newest = max(newest, current)
        let unknown = try unknownWorkers(among: try service.workers())
        guard !unknown.isEmpty else { return goOn() }
        // One that has just been started is told a moment later.
        schedule(after: Self.life) { series in
            series.lostWorkers += try series.unknownWorkers(among: unknown).count
            series.goOn()
        }
    }

    /// Those that run and that the supervisor does not know.
    private func unknownWorkers(among running: [Int32]) throws -> [Int32] {
        let known = try service.status().generations.flatMap(\.workers).compactMap(\.pid)
        return running.filter { !known.contains(Int($0)) && SupervisedService.isAlive($0) }
    }

    private func goOn() {
        if kills == count { then() } else { begin() }
    }
}
