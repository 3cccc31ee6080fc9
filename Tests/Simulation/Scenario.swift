package import Settings

/// What a run is made of; all of it follows from the seed.
package struct Scenario: Sendable {
    package let seed: UInt64
    package var settings: ServiceSettings
    package var listeners: Int
    package var flows: Int
    /// How many wishes people have.
    package var people: Int
    /// The longest pause between two of them, in microseconds.
    package var pause: Int
    /// The supervisor dies once in so many verbs; 0 is never.
    package var verbsPerCrash: Int
    package var supervisorKills: Int
    package var keeperKills: Int
    package var workerKills: Int
    /// A call fails once in so many; 0 is never.
    package var callsPerFault: Int
    /// Whether servers may misbehave.
    package var hasHostileServers: Bool
    /// Whether the service manager keeps descriptors.
    package var hasStore: Bool
    /// Whether free slots keep their sockets (classic BPF).
    package var keepsBindOrder: Bool
    package var mostItems = 60_000

    package init(seed: UInt64) {
        self.seed = seed
        var random = SeededRandom(seed: seed ^ 0x5EED)
        listeners = 1 + random.below(2)
        flows = 1 + random.below(6)
        people = 2 + random.below(8)
        pause = random.pick([20_000, 300_000, 3_000_000, 20_000_000])
        verbsPerCrash = random.pick([0, 0, 7, 20, 60, 200])
        supervisorKills = random.below(3)
        keeperKills = random.pick([0, 0, 0, 1, 2])
        workerKills = random.pick([0, 0, 1, 3])
        callsPerFault = random.pick([0, 0, 10, 50])
        hasHostileServers = random.oneIn(2)
        hasStore = random.oneIn(3)
        keepsBindOrder = random.oneIn(4)
        var settings = ServiceSettings()
        settings.name = "simulated"
        settings.command = ["v0"]
        settings.workers = 1 + random.below(3)
        settings.overlap = !random.oneIn(4)
        settings.readyTimeout = .seconds(2)
        settings.stopTimeout = .seconds(1)
        settings.linger = .milliseconds(random.pick([0, 50, 250]))
        settings.drainTimeout = random.pick([
            .after(.zero), .after(.milliseconds(200)), .after(.seconds(20)),
        ])
        if random.oneIn(5) { settings.drainSignal = .pipe }
        if random.oneIn(6) { settings.watchdog = .seconds(5) }
        for number in 0..<listeners {
            let port = 1000 + number
            if let address = try? ListenAddress.parse("udp://127.0.0.1:\(port)") {
                settings.listeners.append(ListenerSettings(address: address))
            }
        }
        self.settings = settings
    }
}
