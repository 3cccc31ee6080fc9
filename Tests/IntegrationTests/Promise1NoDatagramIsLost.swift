import ControlProtocol
import Kernel
import TestKit
import Testing

extension Promises {
    @Suite struct Promise1NoDatagramIsLost {
        @Test func byUpgradesUnderLoad() throws {
            let service = try Service.current(quick + ["--workers", "2"], command: try echo())
            let load = try service.load(changingFlows)
            for _ in 2...4 { #expect(try service.upgrade()) }
            #expect(try service.upgrade("--wait", "drained"))
            let result = try load.stopped()
            #expect(result.isAnswered(by: 1, 2, 3, 4, 5), "\(result)")
            let status = try service.status()
            #expect(status.current == 5)
            #expect(status.lastHandover?.result == .completed)
            #expect(status.lastHandover?.drops == 0)
            #expect(status.listeners.first?.counters.drops == 0)
            #expect(status.listeners.first?.counters.fallback == 0)
        }

        @Test func byTwentyUpgradesInARow() throws {
            let service = try Service.current(quick, command: try echo())
            let load = try service.load(changingFlows)
            for _ in 1...20 { #expect(try service.upgrade()) }
            #expect(try service.eventually(21) { $0.flows > 0 })
            let result = try load.stopped()
            #expect(result.ok && result.answered == result.sent, "\(result)")
            #expect(result.answeringGenerations.isSuperset(of: [1, 21]))
            #expect(try service.status().current == 21)
        }

        @Test func byUpgradesOfAServerThatRemembersNothing() throws {
            let service = try Service.current(
                quick + ["--steering", "stateless", "--workers", "2"],
                command: try echo("--stateless"))
            let load = try service.load(changingFlows + ["--stateless"])
            for _ in 2...4 { #expect(try service.upgrade("--wait", "drained")) }
            let result = try load.stopped()
            #expect(result.isAnswered(by: 1, 2, 3, 4), "\(result)")
            #expect(try service.status().listeners.first?.steering == "stateless")
        }

        @Test func inTheQueueOfAServerThatReadsLateAndEndsAbruptly() throws {
            let service = try Service.current(
                quick + ["--drain-timeout", "0"], command: try echo("--abrupt"))
            // Late answers of the old process come in between those of the new one.
            let load = try service.load(lastingFlows + ["--expect-move", "--expect-restart"])
            try service.signal(Signal.stop, of: 1)
            #expect(try service.receives(200))
            #expect(try service.upgrade())
            #expect(try service.eventually(1) { $0.state == .retiring })
            #expect(try service.receives(200))
            #expect(try service.generation(1)?.state == .retiring, "its queue is not empty")
            try service.signal(Signal.goOn, of: 1)
            #expect(try service.ended(1))
            let result = try load.stopped()
            #expect(result.isAnswered(by: 1, 2), "\(result)")
            #expect(result.generations["1", default: 0] >= 200)
            #expect(result.moved >= 50)
            #expect(try service.status().lastHandover?.drops == 0)
        }

        @Test func withWorkInFlightThatTheLingerCovers() throws {
            let service = try Service.current(
                [
                    "--listen", "udp://\(address)", "--drain-timeout", "0", "--linger", "1s",
                ], command: try echo("--abrupt", "--slow-answer", "150ms"))
            let load = try service.load(lastingFlows + ["--expect-move"])
            #expect(try service.upgrade("--wait", "drained"))
            let result = try load.stopped()
            #expect(result.isAnswered(by: 1, 2), "\(result)")
        }

        @Test func butForWhatAServerThrowsAwayWhichTheseTestsWouldSee() throws {
            let service = try Service.current(
                quick + ["--drain-timeout", "0", "--linger", "0"],
                command: try echo("--abrupt", "--slow-answer", "500ms"))
            let load = try service.load(lastingFlows + ["--expect-move", "--timeout", "1s"])
            #expect(try service.upgrade("--wait", "drained"))
            let result = try load.stopped()
            #expect(result.lost > 0)
            #expect(!result.ok)
        }

        @Test func withWorkInFlightThatTheServerFinishesItself() throws {
            let service = try Service.current(
                quick + ["--drain-timeout", "0"], command: try echo("--slow-answer", "300ms"))
            let load = try service.load(lastingFlows + ["--expect-move"])
            #expect(try service.upgrade("--wait", "drained"))
            let result = try load.stopped()
            #expect(result.isAnswered(by: 1, 2), "\(result)")
        }

        @Test func whenTheNumberOfWorkersChanges() throws {
            let service = try Service.current(quick + ["--workers", "3"], command: try echo())
            let lasting = try service.load(lastingFlows)
            let load = try service.load(changingFlows)
            #expect(try service.upgrade("--workers", "1"))
            #expect(try service.generation(2)?.workers.count == 1)
            #expect(try service.receives(500))
            #expect(try service.upgrade("--workers", "4"))
            #expect(try service.generation(3)?.workers.count == 4)
            #expect(try service.receives(500))
            let result = try load.stopped()
            #expect(result.isAnswered(by: 1, 2, 3), "\(result)")
            let stayed = try lasting.stopped()
            #expect(stayed.isAnswered(by: 1), "\(stayed)")
        }
    }
}

/// Signals that hold a process up and let it go on (signal(7)).
enum Signal {
    static let goOn: Int32 = 18
    static let stop: Int32 = 19
}
