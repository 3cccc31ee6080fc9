import Kernel

/// Flows that are opened in one generation and checked in the time of the next one.
final class TwoGenerations {
    let load: LoadRun
    private let service: SupervisedService
    private let loop: EventLoop
    private let flows: Int

    init(_ service: SupervisedService, flows: Int, rate: Double) throws {
        self.service = service
        self.flows = flows
        loop = try EventLoop()
        load = try LoadRun(Self.plan(service, flows: flows, rate: rate), in: loop)
    }

    /// Paced by its window: what is measured is memory, not speed, and nothing may be dropped.
    static func plan(_ service: SupervisedService, flows: Int, rate: Double) -> LoadPlan {
        var plan = LoadPlan(target: service.address, flows: flows, rate: rate)
        plan.window = 4096
        plan.timeout = .seconds(10)
        return plan
    }

    /// Every flow sends twice, far enough apart to be confirmed; how long that took.
    func open() throws -> Duration {
        let start = MonotonicClock.now()
        try run(load, UInt64(flows), "opening flows")
        _ = loop.schedule(at: MonotonicClock.now() + .milliseconds(250)) { [loop] in loop.stop() }
        try loop.run()
        try run(load, UInt64(flows), "confirming flows")
        return MonotonicClock.now() - start
    }

    /// Every flow sends once more.
    func check() throws { try run(load, UInt64(flows), "checking flows") }

    /// Flows that were answered in full by the first generation, every time.
    var kept: UInt64 {
        load.flows.reduce(0) { $0 + ($1.generation == 1 && $1.answered == $1.sent ? 1 : 0) }
    }

    /// Opens flows and says how many the second generation has answered.
    func freshFlows(_ count: Int) throws -> UInt64 {
        let fresh = try LoadRun(Self.plan(service, flows: count, rate: 10_000), in: loop)
        try run(fresh, UInt64(count), "opening new flows")
        return fresh.flows.reduce(0) { $0 + ($1.generation == 2 ? 1 : 0) }
    }

    /// Sends one datagram from each of so many made-up sources while the flows go on slowly;
    /// how long that took. It holds when the flows' answers are late, so that what is measured is
    /// the table and not an overflowing socket.
    func flood(_ count: Int, rate: Double, _ what: String) throws -> Duration {
        let start = MonotonicClock.now()
        var plan = LoadPlan(target: service.address, flows: count, rate: rate)
        plan.junk = true
        plan.unanswered = true
        let flood = try LoadRun(plan, in: loop)
        flood.hold = { [unowned load] in load.tally.unanswered > 50 }
        var isSettled = false
        load.send(rate: 500) { [loop] in
            isSettled = true
            loop.stop()
        }
        try run(flood, UInt64(count), what)
        load.stopSending()
        if !isSettled { try loop.run() }
        try load.rethrow()
        return MonotonicClock.now() - start
    }

    /// Runs a load to its end.
    func run(_ load: LoadRun, _ count: UInt64, _ what: String) throws {
        let before = load.tally.sent
        let progress = ProgressLine(in: loop) { [unowned load] in
            "\(what)  \(load.tally.sent - before) of \(count)"
        }
        progress.begin()
        load.send(count) { [loop] in loop.stop() }
        try loop.run()
        progress.end()
        try load.rethrow()
    }
}
