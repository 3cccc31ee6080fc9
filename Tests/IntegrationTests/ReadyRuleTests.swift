import ControlProtocol
import Kernel
import TestKit
import Testing

/// The ready rules other than `auto`.
@Suite(.ownNetwork, .needsRoot)
struct ReadyRuleTests {
    private static let listener = ["--listen", "udp://127.0.0.1:4433"]

    @Test func notifyWaitsForTheWordThoughTheSocketsAreTaken() throws {
        let folder = try TemporaryFolder()
        let service = try Service(
            Self.listener + ["--ready", "notify"],
            command: PythonWorker.command(
                """
                out = os.open(sys.argv[1], os.O_RDONLY)
                notify("READY=1")
                serve()
                """, try Self.gate(in: folder)))
        #expect(try service.line(with: "worker 1.0 started") != nil)
        #expect(try service.eventually { _ in true })
        #expect(try service.status().current == nil)
        #expect(try service.message() == "it has not said READY=1")
        try Self.open(folder)
        #expect(try service.line(with: "new flows go to generation 1") != nil)
    }

    @Test func aWorkerThatOnlyTakesItsSocketsIsNotReadyByNotify() throws {
        let service = try Service(
            Self.listener + ["--ready", "notify", "--ready-timeout", "2s"],
            command: try Programs.echo("--no-notify"))
        let finished = try service.process.finished()
        #expect(finished.exit == .code(1))
        #expect(finished.text.contains("it has not said READY=1"), "\(finished.output)")
    }

    @Test func readyByNotifyIsNotEnoughWithoutASocketTaken() throws {
        let service = try Service(
            Self.listener + ["--ready", "notify", "--ready-timeout", "2s"],
            command: try Programs.echo("--ignore-sockets"))
        let finished = try service.process.finished()
        #expect(finished.exit == .code(1))
        #expect(
            finished.text.contains("it waits on no socket of udp://127.0.0.1:4433"),
            "\(finished.output)")
    }

    @Test func aliveWaitsForTheTimeAndForTheSockets() throws {
        let began = MonotonicClock.now()
        let service = try Service.current(
            Self.listener + ["--ready", "alive:1500ms"], command: try Programs.echo("--no-notify"))
        #expect(MonotonicClock.now() - began >= .milliseconds(1500))
        let bad = try service.relevo(
            "upgrade", "--", try Programs.path("relevo-load"), "serve", "--exit-at-once", "3")
        #expect(bad.exit == .code(1))
        #expect(bad.errors.first?.contains("exited with status 3") == true, "\(bad.errors)")
        #expect(try service.status().current == 1)
    }

    @Test func aliveIsNotEnoughWithoutASocketTaken() throws {
        let service = try Service(
            Self.listener + ["--ready", "alive:100ms", "--ready-timeout", "2s"],
            command: PythonWorker.command("signal.pause()"))
        let finished = try service.process.finished()
        #expect(finished.exit == .code(1))
        #expect(finished.text.contains("it waits on no socket"), "\(finished.output)")
    }

    @Test func aCommandDecidesAndKnowsTheWorker() throws {
        let folder = try TemporaryFolder()
        let seen = folder.file("seen")
        let check = "printf '%s %s\\n' $RELEVO_GENERATION $MAINPID >> \(seen); test -e \(seen).go"
        let service = try Service(
            Self.listener + ["--ready", "exec:sh -c \"\(check)\""],
            command: try Programs.echo("--no-notify"))
        // Asked again and again while it says no.
        #expect(
            try eventually {
                try FileStatus(of: seen) != nil
                    && String(decoding: readFile(seen), as: UTF8.self).split(separator: "\n").count
                        >= 3
            })
        let status = try service.status()
        #expect(status.current == nil)
        #expect(try service.message()?.contains("has not ended with 0") == true)
        let pid = try #require(status.generations.first?.workers.first?.pid)
        let lines = String(decoding: try readFile(seen), as: UTF8.self).split(separator: "\n")
        #expect(lines.allSatisfy { $0 == "1 \(pid)" }, "\(lines)")
        try writeFile(seen + ".go", [])
        #expect(try service.line(with: "new flows go to generation 1") != nil)
    }

    @Test func aCommandThatNeverEndsIsKilledWithTheStart() throws {
        let folder = try TemporaryFolder()
        let file = folder.file("pid")
        let service = try Service(
            Self.listener + [
                "--ready", "exec:sh -c 'echo $$ > \(file); exec sleep 1000'", "--ready-timeout",
                "2s",
            ], command: try Programs.echo("--no-notify"))
        let finished = try service.process.finished()
        #expect(finished.exit == .code(1))
        #expect(finished.text.contains("has not ended with 0"), "\(finished.output)")
        let pid = try #require(
            String(decoding: readFile(file), as: UTF8.self).split(separator: "\n").first)
        #expect(try eventually { try FileStatus(of: "/proc/\(pid)") == nil })
    }

    /// A fifo whose opening for reading waits until the test opens it for writing.
    static func gate(in folder: TemporaryFolder) throws -> String {
        let path = folder.file("gate")
        _ = try Finished.running(["mkfifo", path])
        return path
    }

    static func open(_ folder: TemporaryFolder) throws {
        try writeFile(folder.file("gate"), [10])
    }
}
