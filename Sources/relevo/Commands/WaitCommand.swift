import ArgumentParser
import ControlProtocol
import Kernel
import Settings

/// `relevo wait`
struct WaitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wait",
        abstract: "Waits until a service is ready, current, drained or idle.",
        discussion: """
            ready: every worker of the current generation is ready. current: new flows go to a generation \
            that serves, and no other one is starting. drained: no old generation is left. idle: no session \
            is left; those besides the flows are known while a generation drains, or if the workers tell.

            A service that is not there yet is waited for as well. Exit code 0 when it is so, 1 when it was not \
            in time.

              relevo wait dns --for ready --timeout 30s
              relevo upgrade dns --no-wait && relevo wait dns --for drained --timeout 1h
            """)

    /// How often sessions are counted, which no event tells of.
    private static let interval = Duration.seconds(1)
    /// How soon one that is not there is looked for again.
    private static let pause = Duration.milliseconds(100)

    @OptionGroup var service: ServiceOptions

    @Option(
        name: .customLong("for"), help: "What to wait for: ready, current, drained or idle.")
    var goal: WaitGoal

    @Option(help: "How long at most: 30s, 5min; infinity for no limit.")
    var timeout = "infinity"

    @Flag(help: "The status in the end, as JSON.")
    var json = false

    func run() throws {
        let limit = try Options.read("--timeout", timeout) { (text) throws(ValueError) in
            try TimeLimit.parse(text)
        }
        let end: Duration? =
            switch limit {
            case .infinity: nil
            case .after(let time): MonotonicClock.now() + time
            }
        var last: Failure?
        var state: String?
        while true {
            do throws(Failure) {
                if let frame = try follow(until: end, telling: &state) { return tell(frame) }
            } catch {
                guard [.unavailable, .failed].contains(error.status) else { throw error }
                last = error
            }
            if let end, MonotonicClock.now() >= end { break }
            try passTime(Self.pause)
        }
        if let state {
            throw Failure(.failed, "not \(goal.rawValue) within \(timeout): \(state)")
        }
        throw last ?? Failure(.failed, "not \(goal.rawValue) within \(timeout)")
    }

    /// Looks at the status with each event, and once a second.
    ///
    /// - Returns: the status that it was waited for, or nil when the time is over.
    private func follow(
        until end: Duration?, telling state: inout String?
    ) throws(Failure) -> [UInt8]? {
        let events = try ServiceConnection.open(service, toAct: false)
        try events.catchInterrupts()
        try events.send(ControlCall(.events, more: true))
        while true {
            let asked = try ControlConnection(to: events.path)
            try asked.send(ControlCall(.getStatus))
            let frame = try asked.frame(within: .seconds(10))
            let status: ServiceStatus
            do throws(AnswerFault) {
                status = try ControlAnswer<StatusReply>.decode(frame).parameters.status
            } catch {
                throw Failure(error)
            }
            if goal.isReached(in: status) { return frame }
            state = "\(status.name): \(status.summary)"
            let left = end.map { $0 - MonotonicClock.now() } ?? Self.interval
            if left <= .zero { return nil }
            _ = try events.news(within: min(left, Self.interval))
        }
    }

    private func tell(_ frame: [UInt8]) {
        guard json else { return }
        let raw = RawJSON.value(under: ["parameters", "status"], in: frame) ?? []
        Console.say(RawJSON.indented(raw))
    }
}
