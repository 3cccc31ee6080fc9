import Glibc
import Simulation

/// Runs seeds one after the other and tells which break a promise.
struct Run {
    var first: UInt64 = 1
    var count: UInt64 = 1
    var seconds: Double?

    /// Reads the arguments; nil where they are none of ours.
    init?(_ arguments: [String]) {
        if arguments.first == "--seconds" {
            guard arguments.count >= 2, let seconds = Double(arguments[1]) else { return nil }
            self.seconds = seconds
            count = .max
            first = UInt64.random(in: 1...1_000_000_000)
            if arguments.count > 2 {
                guard let seed = UInt64(arguments[2]) else { return nil }
                first = seed
            }
            return
        }
        guard let seed = arguments.first.map({ UInt64($0) }) ?? 1 else { return nil }
        first = seed
        guard arguments.count > 1 else { return }
        guard let count = UInt64(arguments[1]) else { return nil }
        self.count = count
    }

    func go() -> Bool {
        let clock = ContinuousClock()
        let began = clock.now
        var steps = 0
        var crashes = 0
        var runs = 0
        var broken = 0
        var seed = first
        while seed - first < count {
            if let seconds, (clock.now - began) / .seconds(1) >= seconds { break }
            let world = World(Scenario(seed: seed), keepsHistory: count == 1)
            world.run()
            steps += world.steps
            crashes += world.crashes
            runs += 1
            if count == 1 { for line in world.history { print(line) } }
            if !world.violations.isEmpty {
                broken += 1
                print("seed \(seed): \(world.violations.joined(separator: "; "))")
            }
            if broken >= 20 { break }
            seed += 1
        }
        let time = (clock.now - began) / .seconds(1)
        print(
            "\(runs) runs from seed \(first), \(steps) steps, \(crashes) crashes, "
                + "\(broken) broken; \(Int(time)) s, \(Int(Double(steps) / max(time, 0.001))) steps "
                + "and \(Int(Double(crashes) / max(time, 0.001))) crashes a second")
        return broken == 0
    }
}

guard let run = Run(Array(CommandLine.arguments.dropFirst())) else {
    print("usage: relevo-simulate [SEED [COUNT]] | --seconds SECONDS [SEED]")
    exit(64)
}
exit(run.go() ? 0 : 1)
