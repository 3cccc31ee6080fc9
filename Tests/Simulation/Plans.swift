import HandoverCore
import ServiceCore

/// What somebody will ask for, and when.
struct PlannedWish: Sendable {
    let number: Int
    /// In microseconds from the beginning.
    let at: Int
    let wish: Wish
    let wait: Wait
    let sendsProgress: Bool

    init(number: Int, at time: Int, _ random: inout SeededRandom) {
        self.number = number
        at = time
        wait = random.pick([.none, .flip, .drained])
        sendsProgress = random.oneIn(2)
        let workers = random.oneIn(3) ? 1 + random.below(4) : nil
        switch random.below(19) {
        case 0...5: wish = .upgrade(command: ["v\(number + 1)"], workers: workers)
        case 6, 7:
            wish =
                random.oneIn(3)
                ? .rollbackTo(GenerationID(1 + random.below(number + 2))) : .rollback
        case 8: wish = .restart
        case 9:
            wish = random.pick([
                .drain(nil, .zero), .drain(nil, .seconds(1)), .drain(nil, nil, keep: 1),
                .drain(nil, .seconds(20), keep: 3),
            ])
        case 10, 11: wish = .status
        case 12: wish = random.oneIn(3) ? .stop(within: random.pick([nil, .zero])) : .reexec
        case 13, 14, 15:
            wish = .upgrade(
                command: ["v\(number + 1)"], workers: workers,
                canary: random.oneIn(4) ? nil : Self.canary(&random),
                watch: random.oneIn(3) ? Self.watch(&random) : nil,
                dryRun: random.oneIn(6) ? DryRun(check: random.oneIn(2) ? ["check"] : nil) : nil)
        case 16: wish = .promote(full: random.oneIn(3))
        case 17: wish = random.oneIn(2) ? .hold : .abort
        default: wish = .upgrade(command: nil, workers: nil)
        }
    }

    private static func watch(_ random: inout SeededRandom) -> WatchPlan? {
        WatchPlan(
            time: random.pick([.milliseconds(300), .seconds(3), .seconds(12)]),
            restarts: random.below(3), drops: random.oneIn(2) ? random.below(10) : nil,
            check: random.oneIn(2) ? ["check"] : nil)
    }

    private static func canary(_ random: inout SeededRandom) -> CanaryPlan? {
        var shares: [Share] = []
        for _ in 0...random.below(3) {
            let millionths = (shares.last?.millionths ?? 0) + 1 + random.below(300_000)
            if let share = Share(millionths: millionths) { shares.append(share) }
        }
        let networks = random.oneIn(3) ? ["192.0.2.0/24"] : []
        if !networks.isEmpty, random.oneIn(3) { shares = [] }
        return CanaryPlan(
            steps: shares, networks: networks,
            stepTime: random.pick([nil, .milliseconds(200), .seconds(2)]),
            restarts: random.below(3), drops: random.oneIn(2) ? random.below(10) : nil,
            key: UInt64(random.below(1 << 30)),
            check: random.oneIn(2) ? ["check"] : nil)
    }
}

/// What befalls the world, and when.
struct PlannedBlow: Sendable {
    enum Kind: Sendable {
        case supervisorDies, keeperDies, workerDies
        /// The supervisor does not run for so many microseconds.
        case supervisorPauses(Int)
        /// Nothing runs, but the clock goes on.
        case allPause(Int)
        case keeperHangs(Int)
        /// Every call that makes a descriptor fails.
        case descriptorsRunOut(Int)
        case storeIsLost
        /// The address of a listener cannot be bound for so many microseconds; nil is ever again.
        case addressGoes(Int, Int?)
        /// The system sleeps for so long: only the clock that counts that goes on, and timers come late.
        case suspends(Int)
        /// Somebody sets the time of day, by so many seconds.
        case clockJumps(Int)
        /// So many people ask at once, so many processes want to join.
        case askersFlood(Int)
        case joinersFlood(Int)
        /// The next supervisor has other settings.
        case settingsChange(Int)
        case hangUp(Int)
        /// The settings file names one of three more listeners, or no more, and there is an upgrade.
        case listenersChange(Int)
        case stopSignal(StopPurpose)
    }

    let at: Int
    let kind: Kind

    init(at time: Int, _ random: inout SeededRandom) {
        at = time
        let while_ = random.pick([30_000, 700_000, 6_000_000, 40_000_000])
        kind =
            switch random.below(30) {
            case 0...4: .supervisorDies
            case 5, 6: .keeperDies
            case 7...9: .workerDies
            case 10, 11: .supervisorPauses(random.below(while_))
            case 12: .allPause(random.below(while_))
            case 13, 14: .keeperHangs(random.below(while_))
            case 15: .descriptorsRunOut(random.below(while_))
            case 16: .storeIsLost
            case 17:
                random.oneIn(2)
                    ? .addressGoes(0, random.pick([nil, 300_000, 5_000_000])) : .workerDies
            case 18: .settingsChange(100 + random.below(50))
            case 19: .hangUp(200 + random.below(50))
            case 22: .suspends(random.below(while_))
            case 23: .clockJumps(random.below(200_000_000) - 100_000_000)
            case 24: .askersFlood(10 + random.below(300))
            case 25: .joinersFlood(10 + random.below(300))
            case 26: .addressGoes(0, 1_000 + random.below(while_))
            case 27...29: .listenersChange(random.below(3))
            default:
                random.oneIn(3)
                    ? .stopSignal(
                        random.pick([
                            .stop, .restart, .restart, .restart,
                            .shutdown(within: .seconds(random.below(60))),
                        ]))
                    : .supervisorDies
            }
    }
}

/// A process that will want to join, and when.
struct PlannedJoiner: Sendable {
    let at: Int
    let group: String?
    let workers: Int
    let version: Int

    init(number: Int, at time: Int, _ random: inout SeededRandom) {
        at = time
        let name = random.below(4)
        group = name == 3 ? nil : "group\(name)"
        workers = name == 3 ? 1 : 1 + name % 2
        version = 300 + random.below(20)
    }
}
