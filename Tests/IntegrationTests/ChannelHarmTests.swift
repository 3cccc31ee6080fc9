import ControlProtocol
import Kernel
import TestKit
import Testing

/// A hostile worker harms nobody but itself: not the supervisor, not another worker's channel.
@Suite(.ownNetwork, .needsRoot)
struct ChannelHarmTests {
    private static let options = ["--listen", "udp://\(address)", "--linger", "20ms"]

    /// A service whose worker 1 misbehaves and whose worker 0 serves and uses its channel.
    private func service(_ harm: String) throws -> Service {
        try Service.current(
            Self.options + ["--workers", "2"],
            command: ChannelWorker.command(
                """
                ignore_stop()
                if me.endswith(".1"):
                    hello()
                    say("READY")
                \(harm.split(separator: "\n").map { "    \($0)" }.joined(separator: "\n"))
                    print("harm done", flush=True)
                    obey()
                hello()
                say("READY")
                obey()
                """))
    }

    /// A client whose flow worker 0 has.
    private func client() throws -> Question {
        while true {
            let client = try Question(to: try #require(SocketAddress(address)))
            guard let me = try client.ask("python me", within: .seconds(5)) else { continue }
            if me.hasSuffix(".0") { return client }
        }
    }

    private func expectSound(_ service: Service) throws {
        let client = try client()
        #expect(try client.ask("SESSIONS\nCOUNT=1\nID=5") == "1.0: OK ID=5")
        let status = try service.status()
        #expect(status.current == 1)
        #expect(status.generations.first?.workers.allSatisfy { $0.restarts == 0 } == true)
    }

    @Test func nonsenseIsAnsweredAndLeavesTheChannelOpen() throws {
        let service = try service(
            """
            for bad in (b"\\n", b"hello", b"\\0" * 50, b"X" * 4096, b"A=" + b"b" * 70000,
                        b"READY\\nID=x", b"STORE\\nNAME=x", b"DRAINED",
                        b"PIN\\nLISTENER=9\\nPEER=1.2.3.4:5",
                        b"READY" + b"\\nA=1" * 2, b"READY" + b"\\nSOCKET=1" * 1000, b"\\xff" * 100):
                send(bad)
                packet = hear()
                assert packet[0] == "ERROR", packet
            for n in range(1, 300):
                send(os.urandom(n))
                assert hear()[0] == "ERROR"
            say("SESSIONS", COUNT=4, ID=9)
            assert answer("9") == "OK ID=9"
            """)
        #expect(try service.says("[1.1] harm done"))
        try expectSound(service)
        let complaints = service.process.output.lines.filter { $0.contains("has no effect") }
        #expect(complaints.count == 10)
    }

    @Test func beforeHelloNothingIsDone() throws {
        let service = try Service.current(
            Self.options,
            command: ChannelWorker.command(
                """
                for verb in ("READY", "DRAINED", "FETCH", "LEAVE", "SESSIONS\\nCOUNT=1",
                             "LINK\\nTO=current", "FAILED\\nREASON=x", "PIN\\nLISTENER=0\\nPEER=x"):
                    send(verb)
                    assert hear()[1]["CODE"] == ["order"]
                print("all refused", flush=True)
                ignore_stop()
                hello()
                say("READY")
                obey()
                """))
        #expect(try service.says("[1.0] all refused"))
        #expect(try service.generation(1)?.workers.first?.sessions == nil)
    }

    @Test func aThousandDescriptorsAreClosed() throws {
        let service = try service(
            """
            for n in range(1000):
                send("READY", [0] * 253)
            for n in range(100):
                send("STORE\\nNAME=x\\nID=%d" % n, [0] * 253)
                assert "CODE=descriptors" in answer(str(n))
            """)
        let folder = "/proc/\(service.process.pid)/fd"
        let count = try listFolder(folder).count
        #expect(try service.says("[1.1] harm done"))
        try expectSound(service)
        #expect(try eventually { try listFolder(folder).count <= count })
    }

    @Test func aDescriptorThatTakesLongToCloseHoldsNobodyUp() throws {
        let service = try service(
            """
            listener = socket.create_server(("127.0.0.1", 0))
            for verb in ("READY", "STORE\\nNAME=x", "STORE\\nNAME=x", "FORGET\\nNAME=x"):
                stuck = socket.create_connection(listener.getsockname())
                kept.setdefault("peers", []).append(listener.accept())
                stuck.setblocking(False)
                try:
                    while True:
                        stuck.send(b"x" * 65536)
                except BlockingIOError:
                    pass
                linger = struct.pack("ii", 1, 3600)
                stuck.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                send(verb + "\\nID=1", [stuck.fileno()])
                os.close(stuck.detach())
                assert answer("1") == "OK ID=1"
            """)
        #expect(try service.says("[1.1] harm done"))
        try expectSound(service)
    }

    @Test func aFloodHoldsNobodyUp() throws {
        let service = try service(
            """
            flooder = os.fork()
            if flooder == 0:
                while True:
                    send("SESSIONS\\nCOUNT=%d" % os.getpid())
            """)
        #expect(try service.says("[1.1] harm done"))
        let client = try client()
        for number in 0..<200 {
            #expect(try client.ask("SESSIONS\nCOUNT=1\nID=\(number)") == "1.0: OK ID=\(number)")
        }
        #expect(try service.relevo("status").exit == .code(0))
        #expect(try service.upgrade(to: ChannelWorker.obedient()))
        #expect(try service.relevo("drain", "--timeout", "0").exit == .code(0))
        #expect(try service.ended(1))
    }

    @Test func aWorkerThatNeverReadsItsAnswersIsReadNoMore() throws {
        let service = try service(
            """
            channel.setblocking(False)
            room = select.poll()
            room.register(channel.fileno(), select.POLLOUT)
            sent = 0
            while room.poll(1000):
                try:
                    say("HELLO", VERSION=1)
                    sent += 1
                except BlockingIOError:
                    pass
            channel.setblocking(True)
            """)
        #expect(try service.says("[1.1] harm done"))
        let before = try residentBytes(of: service)
        try expectSound(service)
        #expect(try residentBytes(of: service) < before + (8 << 20))
    }

    @Test func aChannelCutInTheMidstOfAnAnswerHarmsNobody() throws {
        let service = try service(
            """
            for n in range(50):
                say("FETCH", ID=n)
            channel.close()
            channel, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            """)
        #expect(try service.says("[1.1] harm done"))
        try expectSound(service)
        #expect(try service.upgrade(to: ChannelWorker.obedient()))
    }

    private func residentBytes(of service: Service) throws -> Int {
        let text = String(
            decoding: try readFile("/proc/\(service.process.pid)/statm"), as: UTF8.self)
        return (text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 4096
    }
}
