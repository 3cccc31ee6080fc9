import ControlProtocol
import FoundationEssentials
import Kernel
import TestKit
import Testing

/// Odd surroundings: what a service is given and where it runs is not always as one would have it.
@Suite(.ownNetwork) struct SurroundingsTests {
    /// Prints its arguments and a variable as the bytes that they are, and serves.
    private static let telling = """
        print("bytes", [a.encode(errors="surrogateescape").hex() for a in sys.argv[1:]],
            os.environb[b"KEY"].hex(), flush=True)
        notify("READY=1")
        serve()
        """

    @Test func argumentsAndVariablesAreBytes() throws {
        let odd = KeptText.text([0x2f, 0x63, 0xe9])
        // What stands for a byte where this is carried as text is only text to a user.
        let area = KeptText.text(Array("\u{10ffe9}".utf8))
        let service = try Service.current(
            quick, command: PythonWorker.command(Self.telling, odd, area),
            environment: ["KEY=" + KeptText.text([0x70, 0xe4, 0xff])])
        let first = try #require(service.process.output.lines.first { $0.contains("bytes") })
        #expect(first.contains("['2f63e9', 'f48fbfa9'] 70e4ff"), "\(first)")
        #expect(try service.relevo("status").text.contains("/c\\xE9"))
        // A later supervisor has the same from the record.
        try service.succeed()
        #expect(try service.upgrade())
        #expect(
            try service.line(with: "['2f63e9', 'f48fbfa9'] 70e4ff") != nil,
            "\(service.process.output.lines)")
        let given = try service.relevo(
            "upgrade", "--",
            PythonWorker.interpreter, "-IS", "-c", PythonWorker.command(Self.telling).last ?? "",
            KeptText.text([0xfe]))
        #expect(given.exit == .code(0), "\(given.errors)")
        #expect(try service.line(with: "['fe'] 70e4ff") != nil)
    }

    @Test func aProgramWhoseNameIsNoTextRuns() throws {
        let folder = try TemporaryFolder()
        let program = folder.file(KeptText.text([0x73, 0xe9]))
        try writeFile(
            program, Array("#!/bin/sh\nexec \(try echo().joined(separator: " "))\n".utf8),
            mode: 0o755)
        let service = try Service.current(quick, command: [program])
        #expect(try service.status().generations.first?.command == [program])
    }

    /// Runs a command on a terminal of its own, and closes that when it is told so.
    private static let onTerminal = """
        import os, pty, signal, sys
        command, through = sys.argv[2:], sys.argv[1] == "shell"
        pid, terminal = pty.fork()
        if pid == 0:
            if not through:
                os.execvp(command[0], command)
            child = os.fork()
            if child == 0:
                os.setpgid(0, 0)
                os.execvp(command[0], command)
            def hung_up(*_):
                os.kill(child, signal.SIGHUP)
                os._exit(0)
            signal.signal(signal.SIGHUP, hung_up)
            while True:
                signal.pause()
        print("runs", flush=True)
        sys.stdin.readline()
        os.close(terminal)
        print("closed", flush=True)
        signal.pause()
        """

    @Test(arguments: ["alone", "shell"]) func aTerminalThatIsClosedIsNoUpgrade(how: String) throws {
        let folder = try TemporaryFolder()
        let run = folder.file("run")
        let environment = Environment.strings() + ["RUNTIME_DIRECTORY=\(run)"]
        let relevo = try Programs.path("relevo")
        var input = try Pipe()
        var descriptors = DescriptorPlan()
        try descriptors.place(input.takeReader(), at: 0)
        let host = try TestProcess(
            [PythonWorker.interpreter, "-c", Self.onTerminal, how, relevo, "run"] + quick + ["--"]
                + (try echo()), environment: environment, descriptors: descriptors)
        func ask(_ words: String...) throws -> Finished {
            try Finished.running([relevo] + words, environment: environment)
        }
        func status() throws -> ServiceStatus? {
            let answer = try ask("status", "--json")
            return try? JSONDecoder().decode(ServiceStatus.self, from: Data(answer.text.utf8))
        }
        #expect(try eventually { try status()?.current == 1 })
        defer { _ = try? ask("stop", "--drain-timeout", "0") }
        let events = try TestProcess([relevo, "events"], environment: environment)
        #expect(try events.output.next { $0.contains("following") } != nil)
        try input.takeWriter().writeAll([0x0a])
        #expect(try host.output.next { $0 == "closed" } != nil)
        // A signal that comes later is meant. More than one may be, before the first is seen to count.
        let pid = try #require(try status()?.pid)
        let begin = MonotonicClock.now()
        #expect(
            try eventually {
                try ProcessHandle(opening: Int32(pid)).signal(SignalNumber.hangUp)
                return try status()?.current ?? 0 > 1
            })
        #expect(MonotonicClock.now() - begin > .seconds(1))
    }

    @Test func aFolderWhoseNameIsTooLongForSocketsIsToldAsThat() throws {
        let folder = try TemporaryFolder()
        let long = folder.file(String(repeating: "x", count: 90))
        let refused = try Finished.running(
            [try Programs.path("relevo"), "run"] + quick + ["--"] + (try echo()),
            environment: Environment.strings() + ["RUNTIME_DIRECTORY=\(long)"])
        #expect(refused.exit == .code(1))
        #expect(refused.errors.last?.contains("its name is too long") == true, "\(refused.errors)")
        #expect(refused.errors.last?.contains("RUNTIME_DIRECTORY") == true)
    }

    @Test func theSupervisorTakesAllDescriptorsAndItsWorkersHaveTheirLimit() throws {
        let hard = try ResourceLimit.openFiles.read().hard
        let limit = """
            import resource
            print("limits", resource.getrlimit(resource.RLIMIT_NOFILE), flush=True)
            notify("READY=1")
            serve()
            """
        let launcher = ["sh", "-c", "ulimit -Sn 128; exec \"$@\"", "sh"]
        let service = try Service.current(
            quick + ["--sockets-per-worker", "100"], command: PythonWorker.command(limit),
            as: launcher)
        let told = service.process.output.lines.filter { $0.contains("limits") }
        #expect(told.count == 1 && told.allSatisfy { $0.hasSuffix("limits (128, \(hard))") })
        // The program that takes over in place starts where this one has started.
        #expect(try service.relevo("reexec").exit == .code(0))
        #expect(try service.relevo("upgrade").exit == .code(0))
        #expect(
            service.process.output.lines.last { $0.contains("limits") }?
                .hasSuffix("limits (128, \(hard))") == true)
    }

    @Test(.needsRoot) func withoutProcItSaysSoAndKeepsItsWords() throws {
        let folder = try TemporaryFolder()
        let relevo = try Programs.path("relevo")
        let hidden = [
            "unshare", "--mount", "--", "sh", "-c", "mount -t tmpfs none /proc && exec \"$@\"",
            "sh", relevo,
        ]
        let environment = Environment.strings() + ["RUNTIME_DIRECTORY=\(folder.file("run"))"]
        let run = try Finished.running(
            hidden + ["run"] + quick + ["--"] + (try echo()), environment: environment)
        #expect(run.exit == .code(1))
        #expect(run.errors.last?.contains("there is no /proc here") == true, "\(run.errors)")
        let status = try Finished.running(hidden + ["status", "nobody"], environment: environment)
        #expect(status.exit == .code(69), "\(status.errors)")
    }
}
