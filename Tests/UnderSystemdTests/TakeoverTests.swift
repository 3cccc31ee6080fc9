import ControlProtocol
import Kernel
import TestKit
import Testing

extension UnderSystemd {
    /// What is taken over where more than the supervisor is gone.
    @Suite struct Takeover {
        @Test func theKeeperIsKilledWithTheSupervisor() throws {
            let echo = try EchoUnit.started("--workers 2")
            let workers = try echo.workers()
            let load = try echo.load(.lasting)
            try echo.killWithKeeper()
            #expect(try echo.eventually { $0.current == 1 })
            #expect(try echo.workers() == workers)
            // The new keeper has all, and so has the supervisor that goes on in place.
            #expect(try echo.machine.run("relevo", "reexec", "echo").exit == .code(0))
            #expect(try echo.workers() == workers)
            let result = try load.stopped()
            #expect(result.isWhole(by: 1), "\(result)")
            #expect(try echo.systemctl("reload").exit == .code(0))
            #expect(try echo.settles())
            #expect(try echo.systemctl("stop").exit == .code(0))
            #expect(try TestKit.eventually { try echo.processes().isEmpty })
        }

        @Test func theLifeLineIsTheNewKeepers() throws {
            // Long enough to be stopped in it.
            let echo = try EchoUnit.started("--workers 2", extra: "RestartSec=4s")
            try echo.killWithKeeper()
            #expect(try echo.eventually { $0.current == 1 })
            #expect(try TestKit.eventually { echo.lifeLines == 2 }, "\(echo.journal)")
            try echo.signal("KILL")
            #expect(try TestKit.eventually { try echo.property("SubState") == "auto-restart" })
            #expect(try echo.systemctl("stop").exit == .code(0))
            #expect(try TestKit.eventually { try echo.processes().isEmpty })
        }

        @Test func theRuntimeFolderIsMadeAnew() throws {
            let echo = try EchoUnit.started(extra: "RuntimeDirectoryPreserve=no")
            let workers = try echo.workers()
            let load = try echo.load(.lasting)
            for _ in 1...2 {
                try echo.end(.killed)
                #expect(try echo.eventually { $0.current == 1 })
                #expect(try echo.workers() == workers)
            }
            let result = try load.stopped()
            #expect(result.isWhole(by: 1), "\(result)")
        }

        @Test func aServiceThatHasFailedIsBegunAnew() throws {
            let echo = try EchoUnit(
                server: "/bin/sh -c 'test -e /run/second && exec relevo-load serve; "
                    + "touch /run/second; exit 3'")
            // The start fails, and what is started after it does not.
            _ = try echo.systemctl("start")
            #expect(try echo.eventually { $0.current == 1 }, "\(echo.journal)")
            #expect(try echo.probe().isWhole(by: 1))
            #expect(try echo.property("ActiveState") == "active")
        }
    }
}

extension EchoUnit {
    /// How often the service manager was given a life line to hold.
    fileprivate var lifeLines: Int {
        journal.split(separator: "\n").count { $0.contains("holds the keeper's life line") }
    }

    /// Kills the supervisor and its keeper at once, and waits for the next supervisor's process.
    fileprivate func killWithKeeper() throws {
        let before = try machine.mainProcess(of: Self.name)
        try machine.shell("kill -9 $(pgrep relevo-keeper) \(before)")
        let isFollowed = try TestKit.eventually {
            let now = try machine.mainProcess(of: Self.name)
            return now != before && now != 0
        }
        #expect(isFollowed, "\(journal)")
    }
}
