import ControlProtocol
import Kernel
import TestKit
import Testing

/// What a worker may say with sd_notify(3).
@Suite(.ownNetwork, .needsRoot)
struct WorkersNotifyTests {
    private static let listener = ["--listen", "udp://127.0.0.1:4433", "--ready", "notify"]

    @Test func itsStatusIsShown() throws {
        let service = try Service.current(
            Self.listener,
            command: PythonWorker.command(
                """
                notify("STATUS=warming up")
                notify("READY=1\\nSTATUS=42 zones loaded")
                serve()
                """))
        #expect(try service.relevo("status").text.contains("42 zones loaded"))
        let worker = try service.status().generations.first?.workers.first
        #expect(worker?.message == "42 zones loaded")
    }

    @Test func anotherMainProcessIsRefusedWithAWarning() throws {
        let service = try Service.current(
            Self.listener,
            command: PythonWorker.command(
                """
                notify("MAINPID=1")
                notify("MAINPID=" + str(os.getpid()))
                notify("READY=1")
                serve()
                """))
        let warnings = service.process.output.lines.filter { $0.contains("MAINPID") }
        #expect(warnings.count == 1)
        #expect(warnings.first?.contains("warning: worker 1.0 says MAINPID=1: refused") == true)
        let pid = try #require(try service.worker())
        #expect(pid != 1)
    }

    @Test func timeAskedForExtendsTheReadyTimeout() throws {
        let service = try Service.current(
            Self.listener + ["--ready-timeout", "800ms"],
            command: PythonWorker.command(
                """
                notify("EXTEND_TIMEOUT_USEC=60000000")
                time.sleep(1.5)
                notify("READY=1")
                serve()
                """))
        #expect(try service.status().current == 1)
    }

    @Test func withoutThatTheReadyTimeoutEndsTheStart() throws {
        let service = try Service(
            Self.listener + ["--ready-timeout", "800ms"],
            command: PythonWorker.command("notify('STATUS=asleep')\nsignal.pause()"))
        let finished = try service.process.finished()
        #expect(finished.exit == .code(1))
        #expect(finished.text.contains("it has not said READY=1"), "\(finished.output)")
    }

    @Test func aMissedWatchdogEndsTheWorkerAndAnotherIsStarted() throws {
        let service = try Service.current(
            Self.listener + ["--watchdog", "3s"],
            command: PythonWorker.command(
                """
                notify("READY=1")
                for n in range(12):
                    time.sleep(0.3)
                    notify("WATCHDOG=1")
                print("no longer", os.environ["WATCHDOG_USEC"], flush=True)
                serve()
                """))
        let first = try #require(try service.worker())
        // It comes as the worker gets ready, by another way.
        #expect(try service.says("[1.0] no longer 3000000"))
        #expect(!service.process.output.lines.contains { $0.contains("watchdog") })
        #expect(try service.line(with: "warning: worker 1.0 missed its watchdog") != nil)
        #expect(try service.line(with: "killed by signal 6 (pid \(first))") != nil)
        #expect(try service.restarted())
        #expect(try service.worker() != first)
    }

    @Test func aWatchdogTriggeredByTheWorkerItselfIsHeeded() throws {
        let service = try Service.current(
            Self.listener + ["--watchdog", "1h"],
            command: PythonWorker.command(
                """
                notify("READY=1")
                sockets[0].recv(100)
                notify("WATCHDOG=trigger")
                serve()
                """))
        let address = try #require(SocketAddress("127.0.0.1:4433"))
        let client = try DatagramSocket(for: address)
        try client.send([1], to: address)
        #expect(try service.line(with: "worker 1.0 has its watchdog end it") != nil)
        #expect(try service.line(with: "killed by signal 6") != nil)
    }

    @Test func wordsOfAForkedChildCountAsTheWorkers() throws {
        let service = try Service.current(
            Self.listener,
            command: PythonWorker.command(
                """
                child = os.fork()
                if child == 0:
                    notify("READY=1\\nSTATUS=said by the child")
                    serve()
                signal.signal(signal.SIGTERM, lambda *_: (os.kill(child, 9), os._exit(0)))
                os.waitpid(child, 0)
                """))
        #expect(
            try service.message() == "said by the child")
        let address = try #require(SocketAddress("127.0.0.1:4433"))
        #expect(try Question(to: address).ask() == "1.0 on 3")
    }

    @Test func malformedMessagesDoNoHarm() throws {
        let service = try Service.current(
            Self.listener,
            command: PythonWorker.command(
                """
                for bad in (b"", b"\\xff\\xfe\\xfd", b"=1", b"READY", b"READY=2", b"\\0" * 50,
                            b"\\n" * 1000, b"x" * 100000, b"A=" + b"b" * 4000,
                            b"EXTEND_TIMEOUT_USEC=99999999999999999999999999",
                            b"EXTEND_TIMEOUT_USEC=-1", b"WATCHDOG=bark", b"MAINPID=0",
                            b"MAINPID=four", b"FDSTORE=1", b"BARRIER=1"):
                    notify(bad)
                notify("FDSTORE=1\\nFDNAME=x", [0, 1, 2])
                notify("nothing", [0] * 200)
                for n in range(300):
                    notify(os.urandom(n))
                print("all said", flush=True)
                notify("READY=1")
                serve()
                """))
        #expect(try service.says("[1.0] all said"))
        let status = try service.status()
        #expect(status.current == 1)
        #expect(status.generations.first?.workers.first?.restarts == 0)
        let descriptors = "/proc/\(service.process.pid)/fd"
        let count = try listFolder(descriptors).count
        #expect(try service.relevo("upgrade", "--wait", "drained").exit == .code(0))
        // Each of the two has stored its own three, and the program before is held for a rollback.
        #expect(try eventually { try listFolder(descriptors).count <= count + 4 })
    }
}
