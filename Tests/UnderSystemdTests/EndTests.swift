import ControlProtocol
import Kernel
import TestKit
import Testing

extension UnderSystemd {
    /// A service that ends for good leaves no process, whoever ends it.
    @Suite struct End {
        private func leavesNothing(_ echo: EchoUnit) throws -> Bool {
            try TestKit.eventually { try echo.machine.run("pgrep", "relevo").output.isEmpty }
        }

        @Test func aStopWhileItWaitsForTheNextStart() throws {
            let echo = try EchoUnit.started("--workers 2", extra: "RestartSec=1h")
            try echo.signal("KILL")
            #expect(try TestKit.eventually { try echo.property("SubState") == "auto-restart" })
            #expect(try echo.machine.run("pgrep", "-c", "relevo-load").text == "2")
            #expect(try echo.systemctl("stop").exit == .code(0))
            #expect(try leavesNothing(echo))
        }

        /// At a stop systemd listens to the watchdog no more: the unit's limit is all the time that it takes.
        @Test func aStopOfASupervisorThatHangs() throws {
            let echo = try EchoUnit.started(
                "--workers 2", extra: "TimeoutStopSec=1s\nWatchdogSec=1h")
            try echo.signal("STOP")
            _ = try echo.systemctl("stop")
            #expect(try echo.property("ActiveState") != "active")
            #expect(try leavesNothing(echo))
        }

        @Test func aShutdownWithASupervisorThatHangs() throws {
            let echo = try EchoUnit.started(
                "--workers 2", extra: "TimeoutStopSec=1s\nWatchdogSec=1h")
            try echo.signal("STOP")
            _ = try echo.machine.systemctl("start", "--no-block", "poweroff.target")
            #expect(try echo.machine.ends(within: .seconds(30)))
        }

        @Test func aStopOfAServiceThatWasTakenOver() throws {
            let echo = try EchoUnit.started("--workers 2")
            try echo.end(.killed)
            #expect(try echo.eventually { $0.current == 1 })
            #expect(try echo.systemctl("stop").exit == .code(0))
            #expect(try leavesNothing(echo))
        }

        @Test func aSupervisorThatFailsAgainAndAgain() throws {
            let echo = try EchoUnit(
                "--workers 2", extra: "[Unit]\nStartLimitIntervalSec=1h\nStartLimitBurst=2")
            #expect(try echo.systemctl("start").exit == .code(0))
            try echo.end(.killed)
            #expect(try echo.eventually { $0.current == 1 })
            try echo.signal("KILL")
            #expect(try TestKit.eventually { try echo.property("ActiveState") == "failed" })
            #expect(try leavesNothing(echo))
        }

        @Test func aServerThatNeverServesIsToldOfInStatusAndJournal() throws {
            let echo = try EchoUnit(
                server: "/usr/bin/false",
                extra: "[Unit]\nStartLimitIntervalSec=1h\nStartLimitBurst=3")
            #expect(try echo.systemctl("start").exit != .code(0))
            #expect(try TestKit.eventually { try echo.property("ActiveState") == "failed" })
            let reason = "worker 0 exited with status 1 before its generation was ready"
            #expect(try echo.property("StatusText").contains(reason))
            let errors = try echo.machine.journal(
                of: EchoUnit.name, "PRIORITY=3", "SYSLOG_IDENTIFIER=relevo")
            #expect(errors.last?["MESSAGE"]?.contains(reason) == true, "\(errors)")
        }

        @Test func startsThatFailInARowComeSlowerAndOneThatIsAskedForComesAtOnce() throws {
            let echo = try EchoUnit(
                server: "/bin/sh -c \"test -e /run/fixed && exec /usr/bin/relevo-load serve\"")
            #expect(try echo.systemctl("start").exit != .code(0))
            let reason = "; the one before: worker 0 exited with status 1"
            #expect(
                try TestKit.eventually {
                    try echo.property("StatusText")
                        .hasPrefix("start 6 in a row, in 1s 600ms\(reason)")
                })
            #expect(try echo.says("start 4 in a row, in 400ms\(reason)"))
            #expect(try echo.machine.shell("touch /run/fixed").exit == .code(0))
            #expect(try echo.systemctl("restart").exit == .code(0))
            #expect(try !echo.says("start 7 in a row"))
            #expect(try echo.property("StatusText").contains("generation 1"))
        }

        @Test func aSupervisorThatIsNotStartedAgain() throws {
            let echo = try EchoUnit.started("--workers 2", extra: "Restart=no")
            try echo.signal("KILL")
            #expect(try TestKit.eventually { try echo.property("ActiveState") == "failed" })
            #expect(try leavesNothing(echo))
        }

        @Test func aShutdownThatDoesNotWaitForFlowsLongerThanTheUnitAllows() throws {
            let echo = try EchoUnit.started(
                "--stop-timeout 1s", extra: "TimeoutStopSec=8s")
            let load = try echo.load(.lasting)
            _ = try echo.machine.systemctl("start", "--no-block", "poweroff.target")
            #expect(try echo.machine.ends(within: .seconds(15)))
            _ = try load.stopped()
        }

        @Test func aStopThatCannotBeToldFromARestart() throws {
            let echo = try EchoUnit.started(
                "--workers 2 --steering stateless", extra: "User=nobody")
            // Nobody but root asks the manager without it.
            #expect(
                try echo.machine.systemctl("stop", "dbus.socket", "dbus.service").exit == .code(0))
            #expect(try echo.systemctl("stop").exit == .code(0))
            #expect(try leavesNothing(echo))
            #expect(!echo.journal.contains("stop: draining"))
        }

        @Test func aSignalToEveryProcess() throws {
            let echo = try EchoUnit.started("--workers 2")
            try echo.machine.systemctl("kill", "--signal=KILL", EchoUnit.name)
            // Nothing is left to take over: it starts anew.
            #expect(try echo.eventually { $0.current == 1 })
            #expect(try echo.probe().isWhole(by: 1))
            #expect(try echo.systemctl("stop").exit == .code(0))
            #expect(try leavesNothing(echo))
        }
    }
}
