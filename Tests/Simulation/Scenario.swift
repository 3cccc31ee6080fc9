import HandoverCore
import ServiceCore
package import Settings

/// What a run is made of. All of it follows from the seed, and each part can be left out.
package struct Scenario: Sendable {
    package let seed: UInt64
    package var settings: ServiceSettings
    /// How many flows come to each listener.
    package var flows: Int
    var wishes: [PlannedWish] = []
    var blows: [PlannedBlow] = []
    var joiners: [PlannedJoiner] = []
    var mischief: [PlannedMischief] = []
    /// What servers may do that they should not.
    var habits: Set<Habit>
    /// The supervisor dies once in so many questions whether it does; 0 is never.
    var questionsPerCrash: Int
    /// A call fails once in so many; 0 is never.
    var callsPerFault: Int
    /// In the place of the dice, which crashes and faults there are.
    var script: Script?
    /// Whether the service manager keeps descriptors.
    var hasStore: Bool
    /// How many descriptors it keeps.
    var storeRoom: Int
    /// Whether free slots keep their sockets (classic BPF).
    var keepsBindOrder: Bool
    /// Sockets that a socket unit has bound, at the first listener.
    var given: Int
    /// Whether a listener has every address, and servers bind one of them.
    var isWildcard: Bool
    /// How long a call takes at most, in microseconds: 0 where time stands still in a turn.
    var slowness: Int
    /// Whether every batch of the record is written at once.
    var writesAtOnce: Bool
    /// Whether supervisors of a later version take part.
    var hasLaterVersions: Bool
    var mostItems = 40_000

    /// Which crashes and faults there were, by their number.
    struct Script: Sendable {
        var crashes: Set<Int> = []
        var faults: Set<Int> = []
    }

    package init(seed: UInt64) {
        self.seed = seed
        var random = SeededRandom(seed: seed ^ 0x5EED)
        flows = 1 + random.below(6)
        questionsPerCrash = random.pick([0, 0, 20, 60, 200, 600])
        callsPerFault = random.pick([0, 0, 10, 50])
        habits = random.oneIn(2) ? Habit.some(&random) : []
        hasStore = random.oneIn(3)
        storeRoom = hasStore ? random.pick([3, 8, .max, .max]) : .max
        keepsBindOrder = random.oneIn(4)
        given = random.oneIn(6) ? 1 + random.below(2) : 0
        isWildcard = random.oneIn(6)
        slowness = random.oneIn(6) ? 3_000 : 0
        writesAtOnce = random.oneIn(8)
        hasLaterVersions = random.oneIn(4)
        settings = ServiceSettings()
        decideSettings(&random)
        plan(&random)
    }

    private mutating func decideSettings(_ random: inout SeededRandom) {
        settings.name = "simulated"
        settings.command = ["v0"]
        settings.workers = 1 + random.below(3)
        settings.overlap = !random.oneIn(4)
        settings.readyTimeout = .seconds(2)
        settings.stopTimeout = .seconds(1)
        settings.linger = .milliseconds(random.pick([0, 50, 250]))
        settings.drainTimeout = random.pick([
            .after(.zero), .after(.milliseconds(200)), .after(.seconds(20)), .after(.seconds(60)),
        ])
        settings.ready = random.pick([.auto, .auto, .auto, .exec(["check"])])
        settings.hooks = Hook.Occasion.allCases.map { Hook($0, ["tell"]) }
        if random.oneIn(5) { settings.drainSignal = .pipe }
        if random.oneIn(4) { settings.watchdog = .seconds(5) }
        if random.oneIn(6) { settings.adopt = [.auto] }
        if random.oneIn(5) {
            settings.joinPolicy = random.oneIn(2) ? .newest : .manual
            if random.oneIn(3) { settings.command = [] }
        }
        for number in 0..<1 + random.below(2) {
            let host = isWildcard ? "0.0.0.0" : "127.0.0.1"
            if let address = try? ListenAddress.parse("udp://\(host):\(1000 + number)") {
                settings.listeners.append(ListenerSettings(address: address))
            }
        }
    }

    private mutating func plan(_ random: inout SeededRandom) {
        let pause = random.pick([20_000, 300_000, 3_000_000, 20_000_000])
        var time = 0
        for number in 0..<2 + random.below(8) {
            time += 1_000 + random.below(pause)
            wishes.append(PlannedWish(number: number, at: time, &random))
        }
        let end = time + 1
        for _ in 0..<random.pick([0, 1, 2, 4, 8]) {
            blows.append(PlannedBlow(at: random.below(end), &random))
        }
        mischief = PlannedMischief.plan(seed, until: end)
        guard settings.joinPolicy != nil else { return }
        for number in 0..<2 + random.below(6) {
            joiners.append(PlannedJoiner(number: number, at: random.below(end), &random))
        }
    }

    /// How the listeners are, as the port would say.
    var shapes: [ListenerShape] {
        settings.listeners.indices.map { number in
            var shape = ListenerShape(
                address: "\(settings.listeners[number].address)",
                place: place(of: number))
            shape.capacity = SimulatedGroup.capacity
            shape.keepsBindOrder = keepsBindOrder
            shape.given = number == 0 ? given : 0
            return shape
        }
    }

    func place(of listener: Int, address: UInt32? = nil) -> SocketPlace {
        let bits = address ?? (isWildcard ? 0 : 0x7F00_0001)
        return SocketPlace(
            .ipv4(bits, port: UInt16(1000 + listener)), v6Only: false, isStream: false,
            text: "udp://\(bits):\(1000 + listener)")
    }
}
