import ControlProtocol
import Kernel
import TestKit
import Testing

/// Where a worker's words go.
@Suite(.ownNetwork, .needsRoot)
struct WorkersOutputTests {
    private static let listener = ["--listen", "udp://127.0.0.1:4433"]

    @Test func everyLineIsMarkedWithGenerationAndWorkerAndKeepsItsStream() throws {
        let service = try Service(
            Self.listener + ["--workers", "2"],
            command: PythonWorker.command(
                """
                print("to output\\r\\n\\nafter an empty one", flush=True)
                print("to errors", file=sys.stderr, flush=True)
                notify("READY=1")
                serve()
                """))
        #expect(try service.line(with: "new flows go to generation 1") != nil)
        for mark in ["[1.0] ", "[1.1] "] {
            for text in ["to output", "", "after an empty one", "to errors"] {
                #expect(
                    try service.says(mark + text),
                    "\(mark)\(text) in \(service.process.output.lines)")
            }
        }
        #expect(try service.relevo("upgrade").exit == .code(0))
        #expect(try service.line(with: "[2.1] to errors") != nil)
    }

    @Test func aLineTooLongToHoldIsCutAndEachPieceMarked() throws {
        let service = try Service.current(
            Self.listener,
            command: PythonWorker.command(
                """
                print("x" * 20000 + "end", flush=True)
                print("next", flush=True)
                notify("READY=1")
                serve()
                """))
        #expect(try service.says("[1.0] next"))
        let pieces = service.process.output.lines.filter { $0.hasPrefix("[1.0] x") }
        #expect(pieces.count == 3)
        #expect(pieces.reduce(0) { $0 + $1.utf8.count { $0 == UInt8(ascii: "x") } } == 20_000)
        #expect(pieces.last?.hasSuffix("xend") == true)
    }

    @Test func whatAWorkerSaidBeforeItsDeathIsPassedOnToTheLastWord() throws {
        let service = try Service(
            Self.listener,
            command: PythonWorker.command(
                """
                sys.stdout.write("".join("line %d\\n" % n for n in range(3000)) + "last words")
                sys.stdout.flush()
                os._exit(7)
                """))
        let finished = try service.process.finished()
        #expect(finished.exit == .code(1))
        #expect(finished.output.count { $0.hasPrefix("[1.0] line ") } == 3000)
        let words = try #require(finished.output.firstIndex(of: "[1.0] last words"))
        let end = try #require(
            finished.output.firstIndex { $0.contains("exited with status 7") })
        #expect(words < end)
    }

    @Test func aChildThatOutlivesItsWorkerHoldsNothingUp() throws {
        let service = try Service.current(
            Self.listener + ["--linger", "0"],
            command: PythonWorker.command(
                """
                if os.fork() == 0:
                    for each in sockets: each.close()
                    print("child", os.getpid(), flush=True)
                    signal.pause()
                notify("READY=1")
                serve()
                """))
        let said = service.process.output.lines.first { $0.contains("[1.0] child") }
        let line = try #require(try said ?? service.line(with: "[1.0] child"))
        let child = try #require(Int32(line.split(separator: " ").last ?? ""))
        defer { _ = try? ProcessHandle(opening: child).signal(9) }
        #expect(try service.relevo("upgrade", "--wait", "drained").exit == .code(0))
        let second = try #require(try service.line(with: "[2.0] child"))
        let another = try #require(Int32(second.split(separator: " ").last ?? ""))
        defer { _ = try? ProcessHandle(opening: another).signal(9) }
        #expect(try service.relevo("stop", "--drain-timeout", "0").exit == .code(0))
        #expect(try service.process.exit() == .code(0))
    }

    @Test func bytesThatAreNoTextDoNoHarm() throws {
        let service = try Service.current(
            Self.listener,
            command: PythonWorker.command(
                """
                os.write(1, bytes(range(256)) * 40 + b"\\n")
                print("still here", flush=True)
                notify(b"READY=1\\nSTATUS=\\xff\\xfe")
                serve()
                """))
        #expect(try service.says("[1.0] still here"))
        #expect(try service.status().current == 1)
    }
}
