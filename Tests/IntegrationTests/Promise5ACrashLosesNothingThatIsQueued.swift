import ControlProtocol
import Kernel
import TestKit
import Testing

extension Promises {
    /// The echo server reads at most 64 datagrams in a call: so many it can take along.
    @Suite struct Promise5ACrashLosesNothingThatIsQueued {
        static let batch = 64

        @Test(arguments: [[], ["--blocking"]])
        func andTheNextProcessReadsTheQueue(_ options: [String]) throws {
            let service = try Service.current(
                quick, command: try Programs.echo() + options)
            // It has read nothing yet, so that nothing at all may be lost.
            try service.signal(Signal.stop, of: 1)
            let load = try service.load(lastingFlows)
            #expect(try service.receives(300))
            try service.kill()
            #expect(try service.eventually(1) { $0.workers.first?.restarts == 1 })
            let result = try load.stopped()
            #expect(result.isAnswered(by: 1), "\(result)")
            #expect(result.answered >= 300)
            #expect(try service.status().listeners.first?.counters.drops == 0)
        }

        @Test func underLoadAndItsSessionsStayOnTheSlot() throws {
            let service = try Service.current(
                quick + ["--workers", "2"], command: try echo("--blocking"))
            let kills = 3
            let load = try service.load(
                lastingFlows + ["--expect-restart", "--allow-lost", "\(kills * Self.batch)"])
            for kill in 1...kills {
                try service.kill(worker: kill % 2)
                #expect(try service.eventually { $0.restarts == kill && $0.allReady })
                #expect(try service.receives(200))
            }
            let result = try load.stopped()
            #expect(result.ok, "\(result)")
            #expect(result.answeringGenerations == [1])
            #expect(result.stateGone > 0, "a process with the memory of its flows has died")
            #expect(result.moved == 0)
            #expect(result.answered + kills * Self.batch >= result.sent)
            #expect(try service.status().current == 1)
        }

        @Test func ofAGenerationThatIsStarting() throws {
            let hold = try Hold()
            let service = try Service.current(quick + hold.options(), command: try echo())
            let load = try service.load(changingFlows)
            try hold.set()
            let upgrade = try service.starting("upgrade")
            #expect(try service.line(with: "worker 2.0 started") != nil)
            try service.signal(SignalNumber.kill, of: 2)
            let finished = try upgrade.finished()
            #expect(finished.failed(1, saying: "killed by signal 9"), "\(finished)")
            let result = try load.stopped()
            #expect(result.isAnswered(by: 1), "\(result)")
        }

        @Test func ofAGenerationThatIsReadyButForOne() throws {
            let hold = try Hold()
            let service = try Service.current(
                quick + hold.options(worker: 1) + ["--workers", "2"], command: try echo())
            let load = try service.load(changingFlows)
            try hold.set()
            let upgrade = try service.starting("upgrade")
            #expect(try service.line(with: "worker 2.0 is ready") != nil)
            try service.signal(SignalNumber.kill, of: 2)
            let finished = try upgrade.finished()
            #expect(finished.failed(1, saying: "killed by signal 9"), "\(finished)")
            let result = try load.stopped()
            #expect(result.isAnswered(by: 1), "\(result)")
        }

        @Test func ofAGenerationThatDrains() throws {
            let service = try Service.current(quick, command: try echo())
            let load = try service.load(
                lastingFlows + [
                    "--expect-move", "--expect-restart", "--allow-lost", "\(Self.batch)",
                ])
            #expect(try service.upgrade())
            #expect(try service.generation(1)?.flows == 50)
            try service.signal(Signal.stop, of: 1)
            #expect(try service.receives(300))
            try service.signal(SignalNumber.kill, of: 1)
            #expect(try service.ended(1))
            #expect(try service.receives(200))
            let result = try load.stopped()
            #expect(result.ok, "what waited in its queue is read: \(result)")
            #expect(result.answeringGenerations == [1, 2])
            #expect(result.moved >= 50)
            #expect(try service.status().lastHandover?.drops == 0)
            #expect(try service.generation(2)?.workers.first?.restarts == 0)
        }

        @Test func ofAGenerationThatRetires() throws {
            let service = try Service.current(
                ["--listen", "udp://\(address)", "--drain-timeout", "0", "--linger", "30s"],
                command: try echo())
            let load = try service.load(lastingFlows + ["--expect-move"])
            #expect(try service.upgrade())
            #expect(try service.eventually(1) { $0.state == .retiring })
            // From here on nothing more is sent to it, and what was sent it has answered.
            #expect(try service.receives(200))
            #expect(try service.generation(1)?.state == .retiring)
            try service.signal(SignalNumber.kill, of: 1)
            #expect(try service.ended(1), "its linger is not waited for")
            let result = try load.stopped()
            #expect(result.isAnswered(by: 1, 2), "\(result)")
        }

        @Test func ofAGenerationThatRetiresAndHasAQueue() throws {
            let service = try Service.current(
                quick + ["--drain-timeout", "0"], command: try echo())
            let load = try service.load(
                lastingFlows + [
                    "--expect-move", "--expect-restart", "--allow-lost", "\(Self.batch)",
                ])
            try service.signal(Signal.stop, of: 1)
            #expect(try service.receives(300))
            #expect(try service.upgrade())
            #expect(try service.eventually(1) { $0.state == .retiring })
            try service.signal(SignalNumber.kill, of: 1)
            #expect(try service.ended(1))
            let result = try load.stopped()
            #expect(result.ok, "what waited in its queue is read: \(result)")
            #expect(result.answeringGenerations == [1, 2])
            #expect(try service.status().lastHandover?.drops == 0)
        }

        @Test func ofAWorkerThatIsStillDeadAtTheFlip() throws {
            let death = try TemporaryFolder()
            let mark = death.file("dies")
            let command =
                ["sh", "-c", "test -e \(mark) && exit 1; exec \"$@\"", "sh"] + (try echo())
            let service = try Service.current(quick, command: command)
            try service.signal(Signal.stop, of: 1)
            let load = try service.load(lastingFlows + ["--expect-move", "--expect-restart"])
            #expect(try service.receives(200))
            try writeFile(mark, Array("now\n".utf8))
            try service.kill()
            for _ in 1...3 {
                #expect(try service.line(with: "worker 1.0 will be started again") != nil)
            }
            try removeFile(mark)
            #expect(try service.upgrade("--wait", "drained"))
            let result = try load.stopped()
            #expect(result.ok && result.answered == result.sent, "\(result)")
            #expect(result.answeringGenerations == [1, 2])
        }
    }
}

extension ServiceStatus {
    /// How often workers were started again.
    fileprivate var restarts: Int {
        generations.flatMap(\.workers).reduce(0) { $0 + $1.restarts }
    }

    fileprivate var allReady: Bool {
        generations.flatMap(\.workers).allSatisfy { $0.state == .ready }
    }
}
