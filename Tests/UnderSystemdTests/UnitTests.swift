import ControlProtocol
import Kernel
import TestKit
import Testing

extension UnderSystemd {
    @Suite struct Unit {
        @Test func isActiveOnceTheFirstGenerationServesAndSaysHowItStands() throws {
            let echo = try EchoUnit.started("--workers 2")
            #expect(try echo.property("ActiveState") == "active")
            #expect(try echo.property("StatusText").contains("generation 1"))
            #expect(try echo.workers().count == 2)
            #expect(try echo.machine.load(["--flows", "10", "--duration", "200ms"]).result().ok)
        }

        /// Booting is the start of that target.
        @Test func startsAtBootOnceItIsEnabled() throws {
            let echo = try EchoUnit(extra: "[Install]\nWantedBy=multi-user.target")
            func boot() throws {
                let boot = try echo.machine.systemctl("start", "multi-user.target")
                try #require(boot.exit == .code(0), "\(boot.errors)")
            }
            try boot()
            #expect(try echo.property("ActiveState") == "inactive")
            #expect(try echo.machine.systemctl("stop", "multi-user.target").exit == .code(0))
            #expect(try echo.systemctl("enable").exit == .code(0))
            #expect(try echo.property("ActiveState") == "inactive")
            try boot()
            #expect(try echo.property("ActiveState") == "active")
            #expect(try echo.machine.load(["--flows", "10", "--duration", "200ms"]).result().ok)
        }

        @Test func failsToStartWhereTheServerDoes() throws {
            let echo = try EchoUnit(server: "/usr/bin/false", extra: "Restart=no")
            #expect(try echo.systemctl("start").exit != .code(0))
            #expect(try echo.property("ActiveState") == "failed")
            #expect(try echo.processes().isEmpty)
        }

        @Test func reloadIsAnUpgradeAndWaitsForIt() throws {
            let echo = try EchoUnit.started()
            let load = try echo.machine.load(["--flows", "50", "--rate", "1000"])
            for generation in 2...4 {
                #expect(try echo.systemctl("reload").exit == .code(0))
                #expect(try echo.status().current == generation)
            }
            let result = try load.stopped()
            #expect(result.ok && result.lost == 0 && result.sent > 0, "\(result)")
        }

        @Test func reloadToABadVersionFailsAndTheServiceServesOn() throws {
            let echo = try EchoUnit(server: "/opt/server serve")
            try echo.machine.shell("ln -s /usr/bin/relevo-load /opt/server")
            #expect(try echo.systemctl("start").exit == .code(0))
            let before = try echo.workers()
            try echo.machine.shell("ln -sf /usr/bin/false /opt/server")
            #expect(try echo.systemctl("reload").exit != .code(0))
            #expect(try echo.property("ActiveState") == "active")
            #expect(try echo.workers() == before)
            #expect(try echo.machine.load(["--flows", "10", "--duration", "200ms"]).result().ok)
        }

        @Test func stopEndsEveryProcess() throws {
            let echo = try EchoUnit.started("--workers 3")
            #expect(try echo.systemctl("stop").exit == .code(0))
            #expect(try echo.property("ActiveState") == "inactive")
            #expect(try echo.processes().isEmpty)
            #expect(try echo.machine.run("pgrep", "relevo").output.isEmpty)
        }

        @Test func aStopThatDrainsMayTakeLongerThanTheUnitsLimit() throws {
            let echo = try EchoUnit.started("--drain-timeout 3s", extra: "TimeoutStopSec=1s")
            let load = try echo.machine.load(["--flows", "10", "--timeout", "500ms"])
            #expect(try echo.eventually { $0.listeners.first?.flows ?? 0 >= 10 })
            let stop = try echo.machine.start("systemctl", "stop", EchoUnit.name)
            #expect(try TestKit.eventually { try echo.property("SubState") == "stop-sigterm" })
            #expect(try stop.exit() == .code(0))
            #expect(try echo.property("Result") == "success")
            _ = try load.stopped()
        }

        /// Which makes systemd forget that it was asked for more time.
        @Test func aStopThatFitsTheUnitOutlivesADaemonReload() throws {
            let echo = try EchoUnit.started("--stop-drain-timeout 3s", extra: "TimeoutStopSec=16s")
            let load = try echo.machine.load(["--flows", "10", "--timeout", "500ms"])
            #expect(try echo.eventually { $0.listeners.first?.flows ?? 0 >= 10 })
            let stop = try echo.machine.start("systemctl", "stop", EchoUnit.name)
            #expect(try TestKit.eventually { try echo.property("SubState") == "stop-sigterm" })
            try echo.machine.systemctl("daemon-reload")
            #expect(
                try TestKit.eventually {
                    try echo.property("StatusText").hasPrefix("stops, sessions have 3")
                })
            #expect(try stop.exit() == .code(0))
            #expect(try echo.property("Result") == "success")
            #expect(!echo.journal.contains("TimeoutStopSec="))
            _ = try load.stopped()
        }

        @Test func aStopThatDoesNotFitTheUnitSaysSo() throws {
            let echo = try EchoUnit.started("--stop-drain-timeout 1min", extra: "TimeoutStopSec=8s")
            #expect(try echo.systemctl("stop").exit == .code(0))
            #expect(echo.journal.contains("TimeoutStopSec= of the unit"), "\(echo.journal)")
        }

        /// As the package of a server does that brings another version.
        @Test func aRestartAfterTheProgramWasReplacedIsAnUpgrade() throws {
            let echo = try EchoUnit(server: "/run/server serve")
            func install() throws {
                #expect(
                    try echo.machine.run("install", "/usr/bin/relevo-load", "/run/server").exit
                        == .code(0)
                )
            }
            try install()
            #expect(try echo.systemctl("start").exit == .code(0))
            let load = try echo.load(.changing)
            #expect(try echo.systemctl("restart").exit == .code(0))
            #expect(try echo.eventually { $0.current == 1 })
            try install()
            #expect(try echo.systemctl("restart").exit == .code(0))
            #expect(try echo.eventually { $0.current == 2 && $0.handover == nil })
            #expect(echo.journal.contains("/run/server is another file now, or gone: upgrade"))
            let result = try load.stopped()
            #expect(result.isWhole(by: 1, 2), "\(result)")
            // Once is enough.
            #expect(try echo.systemctl("restart").exit == .code(0))
            #expect(
                try echo.eventually { $0.current == 2 && $0.generations.allSatisfy { $0.id <= 2 } })
        }

        @Test func aHungSupervisorIsFoundByTheWatchdog() throws {
            let echo = try EchoUnit.started(extra: "WatchdogSec=500ms\nRestart=no")
            try echo.machine.systemctl("kill", "--kill-whom=main", "--signal=STOP", EchoUnit.name)
            #expect(try TestKit.eventually { try echo.property("Result") == "watchdog" })
        }
    }
}
