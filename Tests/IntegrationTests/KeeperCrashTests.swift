import ControlProtocol
import Kernel
import TestKit
import Testing

extension Promises {
    /// The keeper is no more a single point of failure than the supervisor.
    @Suite struct KeeperCrashTests {
        @Test func theServiceGoesOnWithoutItAndWithAnother() throws {
            let service = try Service.current(quick + ["--workers", "2"], command: try echo())
            let load = try service.load(changingFlows + ["--expect-restart", "--allow-lost", "64"])
            let keeper = try service.keeper()
            let before = try service.status().generations.first?.withoutUses.workers
            try ProcessHandle(opening: keeper).signal(9)
            #expect(try service.line(with: "the keeper (pid \(keeper)) has died") != nil)
            #expect(try service.status().generations.first?.withoutUses.workers == before)
            #expect(try service.receives(200))
            // Its workers are watched all the same.
            try service.kill(worker: 1)
            #expect(try service.line(with: "worker 1.1 is gone: killed by signal 9") != nil)
            #expect(try service.restarted(worker: 1))
            #expect(try service.keeper(of: 1) != keeper)
            #expect(try service.upgrade("--wait", "drained"))
            let result = try load.stopped()
            #expect(result.ok, "\(result)")
            #expect(result.answeringGenerations == [1, 2])
            try service.relevo("stop")
            #expect(try service.process.exit() == .code(0))
        }

        @Test func moreThanOnce() throws {
            let service = try Service.current(quick, command: try echo())
            for generation in 2...4 {
                try ProcessHandle(opening: try service.keeper()).signal(9)
                #expect(try service.line(with: "has died") != nil)
                #expect(try service.upgrade("--wait", "drained"))
                #expect(try service.status().current == generation)
            }
        }

        @Test func aWorkerOnItsWayIsStartedByTheNextOne() throws {
            let service = try Service.current(quick, command: try echo())
            let keeper = try ProcessHandle(opening: try service.keeper())
            try keeper.signal(Signal.stop)
            try service.kill()
            // It is the keeper's to say so: nothing is known yet.
            try keeper.signal(9)
            #expect(try service.line(with: "has died") != nil)
            #expect(try service.restarted())
            #expect(try service.probe().isAnswered(by: 1))
        }

        @Test func anUpgradeWhoseWorkersWereAskedOfItGoesOnWithTheNextOne() throws {
            let service = try Service.current(quick + ["--workers", "2"], command: try echo())
            let keeper = try ProcessHandle(opening: try service.keeper())
            try keeper.signal(Signal.stop)
            let upgrade = try service.starting("upgrade")
            #expect(try service.eventually(2) { $0.workers.first?.state == .starting })
            try keeper.signal(9)
            #expect(try upgrade.exit() == .code(0))
            #expect(try service.status().current == 2)
            #expect(try service.ended(1))
        }

        @Test func aGenerationThatFailsBeforeItsProcessesRunLeavesNone() throws {
            let service = try Service.current(
                quick + ["--ready-timeout", "300ms"], command: try echo())
            let keeper = try ProcessHandle(opening: try service.keeper())
            try keeper.signal(Signal.stop)
            let upgrade = try service.starting("upgrade")
            #expect(try service.eventually(2) { $0.workers.first?.state == .stopping })
            try keeper.signal(Signal.goOn)
            #expect(try upgrade.exit() == .code(1))
            #expect(try service.line(with: "worker 2.0 started") != nil)
            #expect(try service.line(with: "worker 2.0 is gone") != nil)
            #expect(try service.ended(2))
            #expect(try service.probe().isAnswered(by: 1))
            #expect(try service.upgrade())
        }

        @Test func anUpgradeIsAnsweredWhileTheKeeperHangs() throws {
            let service = try Service.current(
                quick + ["--ready-timeout", "300ms", "--stop-timeout", "300ms"],
                command: try echo())
            let number = try service.keeper()
            let keeper = try ProcessHandle(opening: number)
            try keeper.signal(Signal.stop)
            let upgrade = try service.relevo("upgrade")
            #expect(upgrade.exit == .code(1))
            #expect(upgrade.errors.joined().contains("not ready in time"), "\(upgrade)")
            #expect(try service.probe().isAnswered(by: 1))
            try keeper.signal(Signal.goOn)
            // What it starts late of that generation is ended again.
            #expect(try service.upgrade("--wait", "drained"))
            let children = "/proc/\(number)/task/\(number)/children"
            #expect(
                try eventually {
                    try readFile(children).split(separator: UInt8(ascii: " ")).count == 1
                })
            #expect(try service.probe().isAnswered(by: 3))
        }

        @Test func nothingIsLeftOfAServiceThatHasEnded() throws {
            let service = try Service.current(quick, command: try echo())
            let keeper = try ProcessHandle(opening: try service.keeper())
            let worker = try ProcessHandle(opening: try #require(try service.worker()))
            try service.relevo("stop")
            #expect(try service.process.exit() == .code(0))
            #expect(try keeper.wait(for: .readable, within: .zero))
            #expect(try worker.wait(for: .readable, within: .zero))
        }
    }
}
