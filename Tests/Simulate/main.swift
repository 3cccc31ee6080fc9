import Glibc
import Simulation

/// The seed that runs, for one in which the program traps.
nonisolated(unsafe) private var presentSeed: UInt64 = 0

/// Has a trap say in which seed it was, by what a signal handler may call.
private func tellTraps() {
    for trap in [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGABRT] {
        signal(trap) { number in
            var digits: (UInt64, UInt64, UInt64) = (0, 0, 0)
            unsafe withUnsafeMutableBytes(of: &digits) { room in
                var place = room.count
                var rest = unsafe presentSeed
                unsafe room[place - 1] = UInt8(ascii: "\n")
                place -= 1
                repeat {
                    place -= 1
                    unsafe room[place] = UInt8(ascii: "0") + UInt8(rest % 10)
                    rest /= 10
                } while rest > 0
                _ = unsafe write(2, "the program traps in seed ", 26)
                if let start = room.baseAddress {
                    _ = unsafe write(2, start + place, room.count - place)
                }
            }
            signal(number, SIG_DFL)
            raise(number)
        }
    }
}

/// Runs seeds one after the other and tells which break a promise.
struct Run {
    var first: UInt64 = 1
    var count: UInt64 = 1
    /// 2 where another process has the seeds between.
    var stride: UInt64 = 1
    var seconds: Double?
    var tellsHistory = false

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
            if arguments.count > 3 {
                guard let stride = UInt64(arguments[3]), stride > 0 else { return nil }
                self.stride = stride
            }
            return
        }
        guard let seed = arguments.first.map({ UInt64($0) }) ?? 1 else { return nil }
        first = seed
        tellsHistory = arguments.count < 2
        guard !tellsHistory else { return }
        guard let count = UInt64(arguments[1]) else { return nil }
        self.count = count
    }

    func go() -> Bool {
        let clock = ContinuousClock()
        let began = clock.now
        var steps = 0
        var crashes = 0
        var runs: UInt64 = 0
        var broken = 0
        while runs < count, broken < 20 {
            if let seconds, (clock.now - began) / .seconds(1) >= seconds { break }
            let seed = first &+ runs &* stride
            unsafe presentSeed = seed
            let world = World(Scenario(seed: seed), keepsHistory: tellsHistory)
            world.run()
            steps += world.steps
            crashes += world.crashes
            runs += 1
            if let violation = world.violations.first {
                broken += 1
                print("seed \(seed): \(violation)")
                fflush(nil)
                if tellsHistory { tellShortest(seed) }
            } else if tellsHistory {
                for line in world.history { print(line) }
            }
        }
        let time = max((clock.now - began) / .seconds(1), 0.001)
        print(
            "\(runs) runs from seed \(first), \(steps) steps, \(crashes) crashes, \(broken) broken; "
                + "\(Int(time)) s, \(Int(Double(steps) / time)) steps and "
                + "\(Int(Double(crashes) / time)) crashes a second")
        return broken == 0
    }

    /// Prints the history of the smallest scenario in which the same promise is broken.
    private func tellShortest(_ seed: UInt64) {
        guard var shrinker = Shrinker(Scenario(seed: seed)) else { return }
        let world = shrinker.shrunk()
        print("shortest history of seed \(seed):")
        print(world.outline)
        for line in world.history { print(line) }
    }
}

guard let run = Run(Array(CommandLine.arguments.dropFirst())) else {
    print("usage: relevo-simulate [SEED [COUNT]] | --seconds SECONDS [SEED [STRIDE]]")
    exit(64)
}
tellTraps()
exit(run.go() ? 0 : 1)
