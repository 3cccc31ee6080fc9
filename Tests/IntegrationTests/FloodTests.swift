import ControlProtocol
import Kernel
import TestKit
import Testing

/// Whoever talks without end to a supervisor holds up neither its service nor those who look after it.
@Suite(.ownNetwork, .needsRoot)
struct FloodTests {
    private static let listener = ["--listen", "udp://127.0.0.1:4433", "--linger", "0"]
    /// Far more than it takes on a busy machine, and far less than it takes who is held up.
    private static let limit = Duration.seconds(8)

    /// Kills the worker, and expects it back and the supervisor at hand meanwhile.
    private func expectCare(for service: Service) throws {
        let began = MonotonicClock.now()
        #expect(try service.status().current == 1)
        try service.kill()
        #expect(try service.restarted())
        #expect(MonotonicClock.now() - began < Self.limit)
    }

    private func expectEnd(of service: Service) throws {
        let began = MonotonicClock.now()
        #expect(try service.relevo("stop", "--drain-timeout", "0").exit == .code(0))
        #expect(try service.process.exit() == .code(0))
        #expect(MonotonicClock.now() - began < Self.limit)
    }

    @Test func aDescendantThatTalksOnWhenItsWorkerIsGone() throws {
        let folder = try TemporaryFolder()
        // Once: of the second worker nothing is left but itself.
        let service = try Service.current(
            Self.listener,
            command: PythonWorker.command(
                """
                if not os.path.exists(sys.argv[1]):
                    open(sys.argv[1], "w").close()
                    if os.fork() == 0:
                        os.setsid()
                        for each in sockets: each.close()
                        while True: os.write(1, b"y\\n" * 4096)
                notify("READY=1")
                serve()
                """, folder.file("talks")))
        try expectCare(for: service)
        try expectEnd(of: service)
    }

    /// Sends to a notify socket as user nobody, as fast as it goes.
    private func flood(_ service: Service) throws -> TestProcess {
        let flood = try TestProcess([
            PythonWorker.interpreter, "-IS", "-c",
            """
            import os, socket, sys
            os.setgroups([]); os.setgid(65534); os.setuid(65534)
            out = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            try:
                out.connect(sys.argv[1])
            except PermissionError:
                print("refused", flush=True)
                sys.exit()
            out.send(b"STATUS=stranger")
            print("floods", flush=True)
            while True:
                try: out.send(b"STATUS=stranger")
                except OSError: out.connect(sys.argv[1])
            """,
            service.folder.file("run/notify/1.0"),
        ])
        return flood
    }

    @Test func threeStrangersAtAWorkersNotifySocket() throws {
        // As many wait there as under systemd.
        try writeFile("/proc/sys/net/unix/max_dgram_qlen", Array("512".utf8))
        let service = try Service.current(Self.listener, command: try Programs.echo())
        let floods = try (0..<3).map { _ in try flood(service) }
        for flood in floods { #expect(try flood.output.next() == "floods") }
        let began = MonotonicClock.now()
        #expect(try service.status().current == 1)
        #expect(try service.line(with: "spoke for worker 1.0") != nil)
        #expect(try service.status().generations.first?.workers.first?.message != "stranger")
        #expect(MonotonicClock.now() - began < Self.limit)
        for flood in floods { #expect(try flood.exit(within: .zero) == nil) }
        try expectCare(for: service)
        try expectEnd(of: service)
    }

    @Test func aWorkersNotifySocketIsItsUsersAlone() throws {
        let service = try Service.current(
            Self.listener + ["--user", "daemon"],
            command: PythonWorker.command("notify('READY=1')\nserve()"))
        let flood = try flood(service)
        #expect(try flood.output.next() == "refused")
        #expect(try flood.exit() == .code(0))
    }

    /// Runs a client of the control socket as another user; what it prints first is waited for.
    private func client(_ service: Service, _ body: String) throws -> TestProcess {
        let client = try TestProcess([
            PythonWorker.interpreter, "-IS", "-c",
            """
            import os, socket, sys, time
            os.setgroups([]); os.setgid(65534); os.setuid(65534)
            held = []
            def connect():
                it = socket.socket(socket.AF_UNIX)
                it.settimeout(1)
                it.connect(sys.argv[1])
                held.append(it)
                return it

            """ + body, service.control,
        ])
        #expect(try client.output.next() == "ready")
        return client
    }

    @Test func fiftyClientsThatAskAndDoNotListen() throws {
        let service = try Service.current(
            Self.listener + ["--control-group", "nogroup"], command: try Programs.echo())
        let client = try client(
            service,
            """
            call = b'{"method":"org.relevo.Supervisor.GetStatus"}\\0' * 4000
            for _ in range(50):
                it = connect()
                it.setblocking(False)
                try: it.send(call)
                except OSError: pass
            print("ready", flush=True)
            time.sleep(60)
            """)
        try expectCare(for: service)
        #expect(try client.exit(within: .zero) == nil)
        try expectEnd(of: service)
    }

    @Test func whoHoldsConnectionsKeepsNeitherOwnerNorRootOut() throws {
        let service = try Service.current(
            Self.listener + ["--control-group", "nogroup"], command: try Programs.echo())
        let client = try client(
            service,
            """
            for _ in range(100): connect()
            print("ready", flush=True)
            time.sleep(60)
            """)
        #expect(try service.status().current == 1)
        #expect(try service.relevo("upgrade").exit == .code(0))
        #expect(try client.exit(within: .zero) == nil)
        try expectEnd(of: service)
    }
}
