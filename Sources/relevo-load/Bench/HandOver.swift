import Kernel
import Steering

/// Times of giving sockets to a new generation: bound, steered, and placed in a child.
enum HandOver {
    /// How often it is measured.
    private static let rounds = 20

    /// The bars of handing over this many sockets.
    static func bars(sockets count: Int) throws -> [Bar] {
        var preparing: [Duration] = []
        var placing: [Duration] = []
        var bare: [Duration] = []
        for _ in 0..<rounds {
            let start = MonotonicClock.now()
            let group = try SteeredGroup(sockets: count)
            preparing.append(MonotonicClock.now() - start)
            bare.append(try spawn(nil))
            placing.append(try spawn(group))
        }
        let more = placing.percentile(0.5) - bare.percentile(0.5)
        return [
            .figure(
                "\(count) sockets bound and in their slots, program loaded", preparing.spread,
                .number(preparing.percentile(0.5).seconds)),
            .figure(
                "a child started without sockets", bare.spread,
                .number(bare.percentile(0.5).seconds)),
            .figure(
                "a child started with \(count)", placing.spread,
                .number(placing.percentile(0.5).seconds)),
            .under(.milliseconds(5), "descriptor hand-over, median", max(more, .zero)),
        ]
    }

    /// The time until a child runs its program, with every socket of the group at its number.
    private static func spawn(_ group: SteeredGroup?) throws -> Duration {
        let plan = SpawnPlan(
            executable: try resolveExecutable("true"), arguments: ["true"],
            environment: Environment.strings())
        let start = MonotonicClock.now()
        var descriptors = DescriptorPlan()
        try group?.place(in: &descriptors)
        let child = try ChildProcess.spawn(plan, descriptors: descriptors)
        let time = MonotonicClock.now() - start
        _ = try child.waitForExit()
        return time
    }
}
