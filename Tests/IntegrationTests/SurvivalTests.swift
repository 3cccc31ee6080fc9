import ControlProtocol
import Kernel
import TestKit
import Testing

extension Promises {
    /// Promise 6: a crash of the supervisor is not noticed by traffic.
    @Suite struct Promise6TheSupervisorMayCrash {
        @Test func whileNothingHappens() throws {
            let service = try Service.current(quick + ["--workers", "2"], command: try echo())
            let load = try service.load(lastingFlows)
            #expect(try service.receives(200))
            let before = try service.status()
            try service.succeed()
            let after = try service.status()
            #expect(after.current == 1)
            #expect(
                after.generations.map(\.withoutUses.workers)
                    == before.generations.map(\.withoutUses.workers))
            #expect(after.pid == Int(service.process.pid))
            #expect(
                try #require(after.listeners.first).counters.datagrams
                    >= before.listeners[0].counters.datagrams)
            #expect(try service.receives(200))
            #expect(try service.upgrade())
            let result = try load.stopped()
            #expect(result.isAnswered(by: 1), "\(result)")
        }

        @Test func whileAGenerationStarts() throws {
            let service = try Service.current(quick, command: try echo())
            let load = try service.load(changingFlows)
            let upgrade = try service.starting(
                ["upgrade", "--"] + (try echo("--ready-delay", "500ms")))
            #expect(try service.eventually(2) { $0.workers.first?.pid != nil })
            try service.succeed()
            _ = try upgrade.exit()
            #expect(try service.eventually { $0.current == 2 })
            #expect(try service.eventually(2) { $0.flows > 0 })
            let result = try load.stopped()
            #expect(result.isAnswered(by: 1, 2), "\(result)")
        }

        @Test func whileAGenerationDrains() throws {
            let service = try Service.current(quick, command: try echo())
            let lasting = try service.load(lastingFlows)
            let load = try service.load(changingFlows)
            #expect(try service.receives(500))
            #expect(try service.upgrade())
            #expect(try service.generation(1)?.state == .draining)
            try service.succeed()
            #expect(try service.generation(1)?.state == .draining)
            #expect(try service.receives(500))
            let stayed = try lasting.stopped()
            #expect(stayed.isAnswered(by: 1), "\(stayed)")
            #expect(try service.ended(1))
            let result = try load.stopped()
            #expect(result.isAnswered(by: 1, 2), "\(result)")
            #expect(try service.status().lastHandover?.result == .completed)
        }

        @Test func whileAGenerationRetires() throws {
            let service = try Service.current(
                quick + ["--drain-timeout", "0"], command: try echo())
            let load = try service.load(changingFlows + ["--expect-move", "--expect-restart"])
            #expect(try service.receives(200))
            try service.signal(Signal.stop, of: 1)
            #expect(try service.receives(100))
            #expect(try service.upgrade())
            #expect(try service.eventually(1) { $0.state == .retiring })
            try service.succeed()
            #expect(try service.generation(1)?.state == .retiring, "its queue is not empty")
            try service.signal(Signal.goOn, of: 1)
            #expect(try service.ended(1))
            let result = try load.stopped()
            #expect(result.isAnswered(by: 1, 2), "\(result)")
        }

        @Test func againAndAgainUnderUpgrades() throws {
            let service = try Service.current(quick + ["--workers", "2"], command: try echo())
            let load = try service.load(changingFlows)
            for generation in 2...6 {
                let upgrade = try service.starting(["upgrade"])
                try service.succeed()
                _ = try upgrade.exit()
                #expect(
                    try service.eventually { $0.handover == nil || $0.handover?.phase != .start })
                if try service.status().current != generation { #expect(try service.upgrade()) }
            }
            #expect(try service.receives(200))
            let result = try load.stopped()
            #expect(result.ok && result.answered == result.sent, "\(result)")
        }

        @Test func andAWorkerDiesMeanwhile() throws {
            let service = try Service.current(quick, command: try echo())
            let old = try #require(try service.worker())
            try service.crash()
            try ProcessHandle(opening: old).signal(9)
            try service.resume()
            #expect(try service.line(with: "worker 1.0 is gone: killed by signal 9") != nil)
            #expect(
                try service.eventually(1) {
                    $0.workers.first?.state == .ready && $0.workers.first?.pid != Int(old)
                })
        }

        @Test func andIsNotTakenOverUnasked() throws {
            let service = try Service.current(quick, command: try echo())
            let worker = try #require(try service.worker())
            try service.crash()
            try service.resume([])
            #expect(try service.process.exit() == .code(1))
            #expect(try service.line(with: "relevo run --resume takes it over") != nil)
            #expect(try ProcessHandle(opening: worker).signal(0))
            try service.resume()
            #expect(try service.line(with: "took over") != nil)
        }

        @Test func andItsKeeperEndsTheWorkersWhenItIsToldTo() throws {
            let service = try Service.current(quick, command: try echo())
            let worker = try ProcessHandle(opening: try #require(try service.worker()))
            try service.crash()
            #expect(try service.relevo("status").exit == .code(69))
            try service.resume([])
            // The message names it.
            let line = try #require(try service.line(with: "ends its workers"))
            let pid = try #require(line.firstMatch(of: /kill ([0-9]+) ends/))
            let keeper = try ProcessHandle(opening: try #require(Int32(pid.1)))
            try keeper.signal(15)
            #expect(try worker.wait(for: .readable, within: .seconds(20)))
            #expect(try keeper.wait(for: .readable, within: .seconds(20)))
            try service.resume([])
            #expect(try service.line(with: "new flows go to generation 1") != nil)
        }

        @Test func onlyOneTakesOver() throws {
            let service = try Service.current(quick, command: try echo())
            let first = service.process
            try service.resume()
            #expect(try service.process.exit() == .code(1))
            #expect(try service.line(with: "is running already") != nil)
            #expect(try first.signal(0))
            try first.signal(15)
            #expect(try first.exit() == .code(0))
        }

        @Test func ofTwoThatStartAtTheSameInstantOneServes() throws {
            for _ in 0..<8 {
                let service = try Service(quick, command: try echo())
                let first = service.process
                try service.resume([])
                #expect(try eventually { (try? service.status())?.current == 1 })
                let winner = try service.status().pid
                let second = service.process
                let isFirst = Int(first.pid) == winner
                // Before the other one ends: one that looks only then begins by itself.
                #expect(try (isFirst ? second : first).exit() == .code(1))
                try (isFirst ? first : second).signal(15)
                #expect(try (isFirst ? first : second).exit() == .code(0))
            }
        }

        @Test func whileAnotherIsBeingStartedItIsRefused() throws {
            let service = try Service.current(quick, command: try echo())
            try service.crash()
            let lock = try FolderLock(on: service.folder.file("run"))
            try service.resume()
            #expect(try service.process.exit() == .code(1))
            #expect(try service.line(with: "this very moment") != nil)
            _ = consume lock
            try service.resume()
            #expect(try service.line(with: "took over") != nil)
        }

        @Test func andTheNextOneFollowsItsSettings() throws {
            let service = try Service.current(quick, command: try echo())
            let load = try service.load(changingFlows)
            try service.crash()
            try service.resume(["--resume", "--workers", "2"])
            #expect(try service.line(with: "took over") != nil)
            #expect(try service.eventually { $0.current == 2 })
            #expect(try service.generation(2)?.workers.count == 2)
            #expect(try service.eventually(2) { $0.flows > 0 })
            let result = try load.stopped()
            #expect(result.isAnswered(by: 1, 2), "\(result)")
        }

        @Test func withNothingToTakeOverAServiceIsStarted() throws {
            let service = try Service.current(quick + ["--resume"], command: try echo())
            #expect(try service.status().current == 1)
        }
    }
}
