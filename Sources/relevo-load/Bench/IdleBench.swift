import ArgumentParser
import ControlProtocol
import Kernel

/// `relevo-load bench idle`.
struct IdleBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "idle",
        abstract: "What a supervisor takes of a CPU when there is nothing to do, and in a drain.",
        discussion: """
            A slot is the socket of one worker at one listener. In the drain half of the slots are the \
            old generation's, which one session keeps.
            """)

    /// The most that its looks may take of a core.
    private static let mostShare = 0.01

    @Option(help: ArgumentHelp("Numbers of slots, of one service after the other.", valueName: "n"))
    var slots = [1, 64, 512]

    @Option(help: "How long each is watched; a look at rest comes every 10 s.")
    var length = TimeOption(.seconds(30))

    @Flag(help: "Print figures as JSON.")
    var json = false

    func validate() throws {
        guard !slots.isEmpty, slots.allSatisfy({ 1...512 ~= $0 }) else {
            throw ValidationError("--slots are from 1 to 512")
        }
    }

    func run() throws {
        try LoadError.reported {
            var report = BenchReport("idle: \(length.duration.short) each")
            for count in slots {
                report.bars.append(try rest(count))
                if count > 1 { report.bars.append(try drain(count)) }
            }
            try report.conclude(json: json)
        }
    }

    private func rest(_ slots: Int) throws -> Bar {
        // Without room for a second generation all slots can be one's.
        let service = try TalkingService(workers: slots, options: ["--overlap", "no"]).supervised
        let share = try share(of: service)
        try service.stop()
        return bar("\(slots) slots at rest", share)
    }

    private func drain(_ slots: Int) throws -> Bar {
        let service = try TalkingService(workers: slots / 2)
        _ = try service.talk(1)
        _ = try service.supervised.upgrade()
        let share = try share(of: service.supervised)
        guard try service.supervised.status().handover != nil else {
            throw LoadError("the drain has ended: \(service.supervised.tail())")
        }
        try service.supervised.stop()
        return bar("\(slots) slots, half of them draining", share)
    }

    private func bar(_ name: String, _ share: Double) -> Bar {
        Bar(
            name: name, value: .number(share), text: "\((share * 100).digits) % of a core",
            demand: "under \((Self.mostShare * 100).digits) %", isMet: share < Self.mostShare)
    }

    /// What the supervisor takes of a core from a second after now on.
    private func share(of service: SupervisedService) throws -> Double {
        let pause = try TimerDescriptor()
        func wait(_ time: Duration) throws {
            try pause.set(to: MonotonicClock.now() + time)
            _ = try pause.wait(for: .readable, within: time + .seconds(1))
            try pause.acknowledge()
        }
        try wait(.seconds(2))
        let (before, start) = (try service.supervisorTime(), MonotonicClock.now())
        try wait(length.duration)
        let taken = try service.supervisorTime() - before
        return taken.seconds / (MonotonicClock.now() - start).seconds
    }
}
