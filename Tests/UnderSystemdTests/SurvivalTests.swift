import ControlProtocol
import Kernel
import TestKit
import Testing

extension UnderSystemd {
    @Suite struct Survival {
        @Test(arguments: Ending.allCases)
        func anotherSupervisorIsNotNoticedByTraffic(_ ending: Ending) throws {
            let echo = try EchoUnit.started("--workers 2", extra: ending.settings)
            let workers = try echo.workers()
            let load = try echo.load(.lasting)
            for _ in 1...2 {
                try echo.end(ending)
                #expect(try echo.eventually { $0.current == 1 })
                #expect(try echo.workers() == workers)
            }
            #expect(try echo.property("ActiveState") == "active")
            let result = try load.stopped()
            #expect(result.isWhole(by: 1), "\(result)")
            #expect(try echo.systemctl("reload").exit == .code(0))
            #expect(try echo.status().current == 2)
            #expect(try echo.probe().isWhole(by: 2))
        }

        @Test func isKilledWhileTheNextGenerationStarts() throws {
            let echo = try EchoUnit.started(Hold.options)
            let load = try echo.load(.changing)
            try echo.hold()
            let reload = try echo.machine.start("systemctl", "reload", EchoUnit.name)
            #expect(try echo.eventually { $0.handover?.phase == .start })
            try echo.end(.killed)
            _ = try reload.exit()
            #expect(try echo.eventually { $0.current == 1 })
            try echo.release()
            // Whoever has asked is gone; that it goes on or is undone is for all to see.
            #expect(try echo.eventually { $0.handover?.phase != .start })
            #expect(try echo.settles())
            let result = try load.stopped()
            #expect(result.isWhole(by: 1, 2), "\(result)")
        }

        @Test func isKilledWhileTheOldGenerationDrains() throws {
            let echo = try EchoUnit.started()
            let load = try echo.load(.lasting)
            #expect(try echo.systemctl("reload").exit == .code(0))
            #expect(try echo.eventually { $0.handover?.phase == .drain })
            try echo.end(.killed)
            #expect(try echo.eventually { $0.current == 2 && $0.handover?.phase == .drain })
            #expect(try echo.probe().isWhole(by: 2))
            let result = try load.stopped()
            #expect(result.isWhole(by: 1), "\(result)")
            #expect(try echo.settles())
            #expect(try echo.status().generations.filter(\.lives).map(\.id) == [2])
        }

        @Test func isKilledWhileTheOldGenerationRetires() throws {
            let echo = try EchoUnit.started("--linger 3s --drain-timeout 0")
            let load = try echo.load(.changing)
            #expect(try echo.systemctl("reload").exit == .code(0))
            #expect(try echo.eventually { $0.handover?.phase == .retire })
            try echo.end(.killed)
            #expect(try echo.eventually { $0.current == 2 })
            #expect(try echo.settles())
            let result = try load.stopped()
            #expect(result.lost == 0 && result.sent > 0, "\(result)")
            #expect(try echo.status().generations.filter(\.lives).map(\.id) == [2])
        }

        @Test func isKilledAtAnyMomentOfManyHandovers() throws {
            let echo = try EchoUnit.started("--workers 2")
            let load = try echo.load(.changing)
            for moment in 0..<10 {
                let reload = try echo.machine.start("systemctl", "reload", EchoUnit.name)
                try echo.machine.run("sleep", "0.0\(moment * 7)")
                try echo.end(.killed)
                _ = try reload.exit()
                #expect(try echo.eventually { $0.current != nil })
            }
            #expect(try echo.settles())
            let result = try load.stopped()
            #expect(result.ok && result.answered == result.sent, "\(result)")
            let status = try echo.status()
            let living = status.generations.filter(\.lives)
            #expect(living.map(\.id) == [try #require(status.current)])
            let workers = living.flatMap(\.workers).compactMap(\.pid)
            let main = try echo.machine.mainProcess(of: EchoUnit.name)
            // The keeper is the one besides.
            #expect(Set(try echo.processes()).subtracting(workers + [main]).count == 1)
        }

        @Test func aNewManagerKnowsAllThatTheOldOneKept() throws {
            let echo = try EchoUnit.started()
            let workers = try echo.workers()
            let load = try echo.load(.lasting)
            #expect(try echo.machine.systemctl("daemon-reexec").exit == .code(0))
            try echo.end(.killed)
            #expect(try echo.eventually { $0.current == 1 })
            #expect(try echo.workers() == workers)
            let result = try load.stopped()
            #expect(result.isWhole(by: 1), "\(result)")
        }

        @Test func replacesItselfInPlace() throws {
            let echo = try EchoUnit.started()
            let workers = try echo.workers()
            let main = try echo.machine.mainProcess(of: EchoUnit.name)
            let load = try echo.load(.lasting)
            let reexec = try echo.machine.run("relevo", "reexec", "echo")
            #expect(reexec.exit == .code(0), "\(reexec.errors)")
            #expect(try echo.machine.mainProcess(of: EchoUnit.name) == main)
            #expect(try echo.workers() == workers)
            // What the fd store holds is still enough for the next one.
            try echo.end(.killed)
            #expect(try echo.eventually { $0.current == 1 })
            let result = try load.stopped()
            #expect(result.isWhole(by: 1), "\(result)")
        }
    }
}
