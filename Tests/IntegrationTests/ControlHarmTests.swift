import ControlProtocol
import Kernel
import TestKit
import Testing

/// What no client of the control socket can do to a service.
@Suite(.ownNetwork, .needsRoot)
struct ControlHarmTests {
    /// Runs a Python text against a service under load, then expects all as before.
    private func expectNoHarm(from body: String) throws {
        let service = try Service.current(
            ["--listen", "udp://127.0.0.1:4433", "--linger", "0"], command: try Programs.echo())
        let pid = try service.worker()
        let load = try Load(
            to: "127.0.0.1:4433", ["--flows", "50", "--rate", "500", "--duration", "2s"])
        let client = try Finished.running([
            PythonWorker.interpreter, "-c", Self.prelude + body, service.control,
        ])
        #expect(client.errors == [])
        #expect(client.output == ["done"])
        let result = try load.result()
        #expect(result.ok, "\(result.faults)")
        let status = try service.status()
        #expect(status.current == 1)
        #expect(try service.worker() == pid)
        #expect(try service.relevo("upgrade").exit == .code(0))
    }

    private static let prelude = """
        import json, os, random, select, socket, sys

        def connect():
            it = socket.socket(socket.AF_UNIX)
            it.settimeout(30)
            it.connect(sys.argv[1])
            return it

        def call(method, **rest):
            return json.dumps({"method": "org.relevo.Supervisor." + method, **rest}).encode() + b"\\0"

        def read_frame(it):
            got = b""
            while not got.endswith(b"\\0"):
                more = it.recv(65536)
                if not more: return got
                got += more
            return got


        """

    @Test func randomBytesEndTheirOwnConnectionAlone() throws {
        try expectNoHarm(
            from: """
                random.seed(7)
                for n in range(200):
                    it = connect()
                    try:
                        it.sendall(random.randbytes(random.randrange(1, 3000)) + b"\\0" * (n % 2))
                        it.shutdown(socket.SHUT_WR)
                        while it.recv(65536): pass
                    except (BrokenPipeError, ConnectionResetError):
                        pass
                    it.close()
                print("done")
                """)
    }

    @Test func malformedCallsAreAnsweredOrEnded() throws {
        try expectNoHarm(
            from: """
                for bad in (b"{}", b"[]", b"null", b"{", b'"x"', b"1e999", b'{"method": 5}',
                            b'{"method": ""}', b'{"method": "."}', b'{"method": "a.b"}',
                            b'{"method": "org.relevo.Supervisor.Upgrade", "parameters": 5}',
                            b'{"method": "org.relevo.Supervisor.Upgrade", "parameters": {"workers": -1}}',
                            b'{"method": "org.relevo.Supervisor.Upgrade", "parameters": {"workers": 1e30}}',
                            b'{"method": "org.relevo.Supervisor.Upgrade", "parameters": {"command": []}}',
                            b'{"method": "org.relevo.Supervisor.Upgrade", "parameters": {"command": "x"}}',
                            b'{"method": "org.relevo.Supervisor.Upgrade", "parameters": {"wait": "now"}}',
                            b'{"method": "org.relevo.Supervisor.Stop", "parameters": {"drainTimeout": -1}}',
                            b'{"method": "org.relevo.Supervisor.Drain", "parameters": {"generation": 99}}',
                            b'{"method": "org.relevo.Supervisor.Events"}',
                            b'[' * 100000, b'{"a":' * 100000, b"\\xff" * 1000, b""):
                    it = connect()
                    it.sendall(bad + b"\\0")
                    answer = read_frame(it)
                    if answer:
                        assert b'"error"' in answer, (bad[:80], answer)
                    it.close()
                print("done")
                """)
    }

    @Test func aHugeMessageIsRefusedBeforeItIsHeld() throws {
        try expectNoHarm(
            from: """
                it = connect()
                sent = 0
                try:
                    while sent < 64 << 20:
                        sent += it.send(b"x" * 65536)
                except (BrokenPipeError, ConnectionResetError):
                    pass
                assert sent < 8 << 20, sent
                print("done")
                """)
    }

    @Test func halfAMessageHoldsNobodyUp() throws {
        try expectNoHarm(
            from: """
                halves = [connect() for _ in range(20)]
                for each in halves:
                    each.sendall(call("GetStatus")[:-9])
                it = connect()
                it.sendall(call("GetStatus"))
                assert b'"current":1' in read_frame(it).replace(b" ", b"")
                for each in halves:
                    each.sendall(call("GetStatus")[-9:])
                    assert b'"current":1' in read_frame(each).replace(b" ", b"")
                print("done")
                """)
    }

    @Test func aHundredConnectionsLeaveRoomOnceTheyAreGone() throws {
        try expectNoHarm(
            from: """
                many = [connect() for _ in range(100)]
                served = 0
                for each in many:
                    try:
                        each.sendall(call("GetStatus"))
                        served += bool(read_frame(each))
                    except (BrokenPipeError, ConnectionResetError):
                        pass
                assert 20 <= served <= 100, served
                for each in many: each.close()
                # The last goodbyes may still be unread.
                for attempt in range(1000):
                    it = connect()
                    try:
                        it.sendall(call("GetStatus"))
                        if read_frame(it): break
                    except (BrokenPipeError, ConnectionResetError):
                        pass
                else:
                    raise SystemExit("never let in again")
                print("done")
                """)
    }

    @Test func aReaderThatDoesNotReadIsLetGo() throws {
        try expectNoHarm(
            from: """
                it = connect()
                # Far more answers than anybody would hold for it.
                it.setblocking(False)
                asked = 0
                frame = call("GetStatus") * 200
                rest = frame
                it.settimeout(20)
                try:
                    while asked < 100000:
                        it.sendall(frame)
                        asked += 200
                    raise SystemExit("everything was taken")
                except (BrokenPipeError, ConnectionResetError, TimeoutError):
                    pass
                other = connect()
                other.sendall(call("GetStatus"))
                assert read_frame(other)
                print("done")
                """)
    }
}
