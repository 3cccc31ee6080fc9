import Settings

/// Finds the smallest scenario in which the same promise is broken.
package struct Shrinker {
    private var best: Scenario
    private let promise: Promise
    /// How many scenarios may still be tried.
    private var left = 1_000

    /// - Returns: nil where nothing is broken.
    package init?(_ scenario: Scenario) {
        let world = World(scenario)
        world.run()
        guard let broken = world.violations.first else { return nil }
        promise = broken.promise
        best = scenario
        // What the dice said is from here on a list of which each entry may go.
        var scripted = scenario
        scripted.script = world.script
        _ = accept(scripted)
    }

    /// Leaves out one thing after the other, until each that is left is needed.
    package mutating func shrunk() -> World {
        var goesOn = true
        while goesOn, left > 0 {
            goesOn = false
            goesOn = dropParts() || goesOn
            goesOn = dropScript() || goesOn
            goesOn = dropTraits() || goesOn
        }
        let world = World(best, keepsHistory: true)
        world.run()
        return world
    }

    private mutating func accept(_ scenario: Scenario) -> Bool {
        guard left > 0 else { return false }
        left -= 1
        let world = World(scenario)
        world.run()
        guard world.violations.first?.promise == promise else { return false }
        best = scenario
        return true
    }

    private mutating func without(_ change: (inout Scenario) -> Void) -> Bool {
        var smaller = best
        change(&smaller)
        return accept(smaller)
    }

    private mutating func dropParts() -> Bool {
        var dropped = false
        for index in best.wishes.indices.reversed() {
            dropped = without { $0.wishes.remove(at: index) } || dropped
        }
        for index in best.mischief.indices.reversed() {
            dropped = without { $0.mischief.remove(at: index) } || dropped
        }
        for index in best.blows.indices.reversed() {
            dropped = without { $0.blows.remove(at: index) } || dropped
        }
        for index in best.joiners.indices.reversed() {
            dropped = without { $0.joiners.remove(at: index) } || dropped
        }
        while best.flows > 0, without({ $0.flows -= 1 }) { dropped = true }
        return dropped
    }

    private mutating func dropScript() -> Bool {
        var dropped = false
        for crash in (best.script?.crashes ?? []).sorted(by: >) {
            dropped = without { $0.script?.crashes.remove(crash) } || dropped
        }
        for fault in (best.script?.faults ?? []).sorted(by: >) {
            dropped = without { $0.script?.faults.remove(fault) } || dropped
        }
        return dropped
    }

    private mutating func dropTraits() -> Bool {
        var dropped = false
        for habit in best.habits.sorted(by: { "\($0)" < "\($1)" }) {
            dropped = without { $0.habits.remove(habit) } || dropped
        }
        if best.hasStore { dropped = without { $0.hasStore = false } || dropped }
        if best.keepsBindOrder { dropped = without { $0.keepsBindOrder = false } || dropped }
        if best.given > 0 { dropped = without { $0.given = 0 } || dropped }
        if best.slowness > 0 { dropped = without { $0.slowness = 0 } || dropped }
        if best.hasLaterVersions { dropped = without { $0.hasLaterVersions = false } || dropped }
        if best.settings.watchdog != nil {
            dropped = without { $0.settings.watchdog = nil } || dropped
        }
        if best.settings.drainSignal != nil {
            dropped = without { $0.settings.drainSignal = nil } || dropped
        }
        if best.settings.workers > 1 { dropped = without { $0.settings.workers -= 1 } || dropped }
        if best.settings.listeners.count > 1 {
            dropped = without { $0.settings.listeners.removeLast() } || dropped
        }
        return dropped
    }
}

extension World {
    /// What the run is made of, in a few lines.
    package var outline: String {
        var lines = ["listeners \(settings.listeners.count), workers \(scenario.settings.workers)"]
        lines.append("overlap \(settings.overlap), habits \(scenario.habits)")
        for wish in scenario.wishes { lines.append("\(wish)") }
        for blow in scenario.blows { lines.append("\(blow)") }
        for joiner in scenario.joiners { lines.append("\(joiner)") }
        if let script = scenario.script { lines.append("\(script)") }
        return lines.joined(separator: "\n")
    }
}
