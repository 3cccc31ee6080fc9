import ControlProtocol
import Kernel
import TestKit
import Testing

/// The command line against services that really run.
@Suite(.ownNetwork, .needsRoot)
struct CommandLineServiceTests {
    private static let listener = ["--listen", "udp://127.0.0.1:4433"]

    @Test func aSettingsFileAndItsDropInsRunAService() throws {
        let folder = try TemporaryFolder()
        let file = folder.file("dns.conf")
        let echo = try Programs.path("relevo-load")
        try writeFile(
            file,
            Array(
                """
                # the base
                [Service]
                Name=dns
                Command=\(echo) serve
                Workers=1
                Linger=0

                [Listener]
                Address=udp://127.0.0.1:4433
                """.utf8))
        try makeFolder(file + ".d")
        try writeFile(file + ".d/10-more.conf", Array("[Service]\nWorkers=3\n".utf8))
        try writeFile(
            file + ".d/20-second.conf", Array("[Listener]\nAddress=udp://[::1]:4434\n".utf8))
        let good = try Finished.running([try Programs.path("relevo"), "check-settings", file])
        #expect(good.exit == .code(0), "\(good.errors)")
        let service = try Service.current(
            ["--config", file, "--workers", "2"], command: [echo, "serve"])
        let status = try service.status()
        #expect(status.name == "dns")
        #expect(status.generations.first?.workers.count == 2)
        #expect(status.listeners.map(\.address) == ["udp://127.0.0.1:4433", "udp://[::1]:4434"])
        let load = try Load(
            to: "[::1]:4434", ["--flows", "20", "--rate", "200", "--duration", "200ms"]
        ).result()
        #expect(load.ok, "\(load.faults)")
    }

    @Test func badSettingsAreToldWithFileAndLineAndNothingRuns() throws {
        let folder = try TemporaryFolder()
        let file = folder.file("bad.conf")
        try writeFile(
            file,
            Array("[Service]\nWorkers=many\n[Listener]\nAddress=udp://127.0.0.1:4433\n".utf8))
        let checked = try Finished.running([try Programs.path("relevo"), "check-settings", file])
        #expect(checked.exit == .code(78))
        #expect(checked.errors.contains { $0.hasPrefix("\(file):2: ") }, "\(checked.errors)")
        let service = try Service(["--config", file], command: try Programs.echo())
        let finished = try service.process.finished()
        #expect(finished.exit == .code(78))
        #expect(finished.output.count == 1)
        #expect(finished.output.first?.hasPrefix("relevo: \(file):2: ") == true)
        #expect(try FileStatus(of: service.control) == nil)
    }

    @Test func wrongUsageOfRunEndsWith64AndNothingRuns() throws {
        for options in [
            ["--no-intercept"], ["--listen", "udp://127.0.0.1:99999"], ["--listen", "nonsense"],
            Self.listener + ["--workers", "none"], Self.listener + ["--ready", "soon"],
            Self.listener + ["--bogus"], Self.listener + ["--drain-timeout", "1 fortnight"],
        ] {
            let service = try Service(options, command: try Programs.echo())
            let finished = try service.process.finished()
            #expect(finished.exit == .code(64), "\(options): \(finished.output)")
            #expect(finished.output.count == 1, "\(finished.output)")
            #expect(finished.output.first?.hasPrefix("relevo: ") == true)
        }
    }

    @Test func aProgramThatIsNotThereFailsTheStartByName() throws {
        let service = try Service(Self.listener, command: ["/nowhere/server"])
        let finished = try service.process.finished()
        #expect(finished.exit == .code(1))
        #expect(finished.text.contains("/nowhere/server"), "\(finished.output)")
        #expect(try FileStatus(of: service.control) == nil)
    }

    @Test func withoutASupervisorTheCommandsEndWith69() throws {
        let folder = try TemporaryFolder()
        let environment = ["XDG_RUNTIME_DIR=\(folder.path)", "RUNTIME_DIRECTORY=\(folder.path)/x"]
        for command in ["upgrade", "rollback", "status", "restart", "stop", "events"] {
            let finished = try Finished.running(
                [try Programs.path("relevo"), command, "no-such-service"], environment: environment)
            #expect(finished.exit == .code(69), "\(command): \(finished.errors)")
            #expect(finished.errors.count == 1)
            #expect(finished.errors.first?.contains("no-such-service") == true)
        }
    }

    @Test func anUpgradeThatFailsSaysWhyShowsTheLastLinesAndChangesNothing() throws {
        let service = try Service.current(Self.listener, command: try Programs.echo())
        let before = try service.worker()
        let script = "for n in 1 2 3; do echo line $n; done; echo no database >&2; exit 7"
        let upgrade = try service.relevo("upgrade", "--", "/bin/sh", "-c", script)
        #expect(upgrade.exit == .code(1))
        #expect(upgrade.errors.count == 1)
        #expect(upgrade.errors.first?.hasPrefix("relevo: upgrade failed: ") == true)
        #expect(upgrade.errors.first?.contains("exited with status 7") == true, "\(upgrade.errors)")
        for line in ["line 1", "line 2", "line 3", "no database"] {
            #expect(upgrade.output.contains("  | [2.0] \(line)"), "\(upgrade.output)")
        }
        let status = try service.status()
        #expect(status.current == 1)
        #expect(try service.worker() == before)
        #expect(status.lastHandover?.result == .failed)
        #expect(status.lastHandover?.reason?.contains("exited with status 7") == true)
    }

    @Test func anUpgradeShowsItsPhases() throws {
        let service = try Service.current(
            Self.listener + ["--linger", "0"], command: try Programs.echo())
        let upgrade = try service.relevo("upgrade", "--wait", "drained")
        #expect(upgrade.exit == .code(0))
        let phases = [
            "generation 2 started", "generation 2 is ready", "new flows go to generation 2",
            "generation 1 is drained", "generation 1 has ended",
        ]
        let places = phases.map { phase in upgrade.output.firstIndex { $0.contains(phase) } }
        #expect(!places.contains(nil), "\(upgrade.output)")
        #expect(places.compactMap(\.self) == places.compactMap(\.self).sorted())
    }

    @Test func aSecondServiceOfTheSameNameIsRefusedAndTheFirstServesOn() throws {
        let service = try Service.current(
            Self.listener + ["--name", "dns"], command: try Programs.echo())
        let second = try service.starting(
            ["run", "--name", "dns", "--listen", "udp://127.0.0.1:4999", "--"]
                + Programs.echo()
        ).finished()
        #expect(second.exit == .code(1))
        #expect(second.errors.count == 1, "\(second.errors)")
        #expect(second.errors.first?.contains("dns is running already") == true, "\(second.errors)")
        #expect(try service.status().current == 1)
        let load = try Load(
            to: "127.0.0.1:4433", ["--flows", "20", "--rate", "200", "--duration", "200ms"]
        ).result()
        #expect(load.ok, "\(load.faults)")
    }

    @Test func theRemainsOfAKilledSupervisorAreInNobodysWay() throws {
        let service = try Service.current(
            Self.listener + ["--name", "dns"], command: try Programs.echo())
        let worker = try ProcessHandle(opening: try #require(try service.worker()))
        let keeper = try ProcessHandle(opening: try service.keeper())
        try service.process.signal(9)
        _ = try service.process.exit()
        // What it leaves behind, all killed as well.
        try keeper.signal(SignalNumber.kill)
        try worker.signal(SignalNumber.kill)
        #expect(try keeper.wait(for: .readable, within: .seconds(20)))
        #expect(try worker.wait(for: .readable, within: .seconds(20)))
        #expect(try service.relevo("status").exit == .code(69))
        let second = try service.starting(
            ["run", "--name", "dns"] + Self.listener + ["--"] + Programs.echo())
        let line = try second.errors.next { $0.contains("new flows go to generation 1") }
        #expect(line != nil, "\(second.errors.lines)")
        #expect(try service.relevo("stop", "--drain-timeout", "0").exit == .code(0))
        #expect(try second.exit() == .code(0))
    }

    @Test func aCommandOfAnEndedServiceNeverActsOnAStranger() throws {
        let program = try Programs.path("relevo")
        let name = "relevo-test-\(ProcessIdentity.processID)-stranger"
        let plain = Environment.strings().filter { !$0.hasPrefix("RUNTIME_DIRECTORY=") }
        // In the place where a command without a name looks.
        let stranger = try TestProcess(
            [program, "run", "--name", name] + Self.listener + ["--"] + Programs.echo(),
            environment: plain)
        #expect(try stranger.output.next { $0.contains("new flows go to generation 1") } != nil)
        let ended = try TemporaryFolder()
        let commands = [
            ["upgrade"], ["rollback"], ["restart"], ["drain", "--timeout", "1s"],
            ["stop", "--drain-timeout", "0"],
            ["reexec"], ["status"], ["events"],
        ]
        for command in commands {
            let inItsUnit = try Finished.running(
                [program] + command,
                environment: ["RUNTIME_DIRECTORY=\(ended.file("ended"))"])
            #expect(inItsUnit.exit == .code(69), "\(command): \(inItsUnit.output)")
            #expect(inItsUnit.errors.first?.contains("'ended'") == true, "\(inItsUnit.errors)")
            // A unit's own folder is not what another name means.
            let byName = try Finished.running(
                [program] + command + ["other"],
                environment: ["RUNTIME_DIRECTORY=/run/relevo/\(name)"])
            #expect(byName.exit == .code(69), "\(command): \(byName.output)")
        }
        let stop = try Finished.running(
            [program, "stop", name, "--drain-timeout", "0"], environment: plain)
        #expect(stop.exit == .code(0), "\(stop.errors)")
        #expect(try stranger.exit() == .code(0))
        #expect(!stranger.output.lines.contains { $0.contains("generation 2") })
    }

    @Test func runningServicesAreListedAndFoundByName() throws {
        let program = try Programs.path("relevo")
        // The system's own place for them, which root uses where it is given no other.
        let environment = Environment.strings().filter { !$0.hasPrefix("RUNTIME_DIRECTORY=") }
        let names = ["a", "b"].map { "relevo-test-\(ProcessIdentity.processID)-\($0)" }
        func list() throws -> [[String]] {
            let list = try Finished.running([program, "list"], environment: environment)
            #expect(list.exit == .code(0), "\(list.errors)")
            return list.output.filter { line in names.contains { line.hasPrefix($0) } }
                .map { $0.split(separator: " ").prefix(3).map(String.init) }
        }
        #expect(try list() == [])
        var processes: [TestProcess] = []
        for (name, port) in zip(names, [4433, 4434]) {
            let process = try TestProcess(
                [program, "run", "--name", name, "--listen", "udp://127.0.0.1:\(port)", "--"]
                    + Programs.echo(), environment: environment)
            processes.append(process)
            #expect(
                try process.output.next { $0.contains("new flows go to generation 1") } != nil)
        }
        let listed = try list()
        // Where one has ended, it has said why.
        let log =
            listed.count == names.count
            ? [] : try processes.map { try $0.output.rest(within: .milliseconds(100)) }
        #expect(
            listed == [
                [names[0], "\(processes[0].pid)", "1"], [names[1], "\(processes[1].pid)", "1"],
            ], "\(log)")
        let nameless = try Finished.running([program, "status"], environment: environment)
        #expect(nameless.exit == .code(64))
        #expect(names.allSatisfy { nameless.errors.first?.contains($0) == true })
        for (name, process) in zip(names, processes) {
            let stop = try Finished.running(
                [program, "stop", name, "--drain-timeout", "0"], environment: environment)
            #expect(stop.exit == .code(0), "\(stop.errors)")
            #expect(try process.exit() == .code(0))
        }
        #expect(try list() == [])
    }

    @Test(
        arguments: [
            "run", "upgrade", "rollback", "status", "restart", "stop", "drain", "list", "events",
            "check-settings", "adopt", "init", "join", "reexec", "doctor", "logs",
        ])
    func everyCommandExplainsItself(command: String) throws {
        let help = try Finished.running([try Programs.path("relevo"), command, "--help"])
        #expect(help.exit == .code(0))
        #expect(help.errors == [])
        #expect(help.output.first?.hasPrefix("OVERVIEW: ") == true)
        #expect(help.output.contains { $0.contains("relevo \(command)") })
        #expect(help.output.count > 5)
        #expect(
            help.output.allSatisfy { $0.count <= 80 }, "\(help.output.filter { $0.count > 80 })")
    }
}
