import ControlProtocol
import Kernel
import TestKit
import Testing

/// Connection ids that say whose they are, made by workers of a real supervisor.
@Suite(.ownNetwork, .needsRoot, .needsFlowSteering)
struct SealedIDTests {
    private static let address = "127.0.0.1:4433"

    /// A QUIC packet with an id that a worker has made, and that nobody has seen yet.
    private func datagram(from worker: String) throws -> [UInt8] {
        let client = try Question(to: try #require(SocketAddress(Self.address)))
        let words = try #require(try client.ask("id")).split(separator: " ")
        #expect(words.count == 4 && words[0] == "\(worker):" && words[2] == "true", "\(words)")
        let id = try words[3].split(separator: ".").map { try #require(UInt8($0, radix: 16)) }
        return [0x40] + id + (0..<30).map { _ in UInt8.random(in: 0...255) }
    }

    /// Who answers it, from an address of its own.
    private func answers(_ datagram: [UInt8]) throws -> String? {
        let client = try Question(to: try #require(SocketAddress(Self.address)))
        return try client.ask(datagram)?.split(separator: ":").first.map(String.init)
    }

    @Test func idsLeadToTheirWorkerAndEndWithItsStay() throws {
        let service = try Service.current(
            [
                "--listen", "udp://\(Self.address)", "--steering", "quic", "--linger", "20ms",
                "--unknown-ids", "current",
            ], command: [try Programs.path("client-worker")])
        let old = try Question(to: try #require(SocketAddress(Self.address)))
        #expect(try old.ask("sessions 1") == "1.0: done")
        let first = try (0..<4).map { _ in try datagram(from: "1.0") }
        #expect(try service.relevo("upgrade").exit == .code(0))
        let new = try Question(to: try #require(SocketAddress(Self.address)))
        #expect(try new.ask("sessions 1") == "2.0: done")
        let second = try (0..<4).map { _ in try datagram(from: "2.0") }
        #expect(try answers(first[0]) == "1.0")
        #expect(try answers(second[0]) == "2.0")

        // The next supervisor, and a generation that is current again.
        try service.succeed()
        #expect(try answers(first[1]) == "1.0")
        #expect(try answers(second[1]) == "2.0")
        #expect(try service.relevo("rollback").exit == .code(0))
        #expect(try answers(first[2]) == "1.0")
        #expect(try answers(second[2]) == "2.0")

        // Whoever takes the place of a worker that has died.
        try service.signal(9, of: 1)
        #expect(try service.restarted())
        #expect(try answers(first[3]) == "1.0")
        #expect(try answers(try datagram(from: "1.0")) == "1.0")

        // Nobody inherits those of a generation that has ended.
        #expect(try new.ask("drained") == "2.0: done")
        #expect(try service.ended(2))
        #expect(try answers(second[3]) == "1.0")
        #expect(try service.relevo("upgrade").exit == .code(0))
        #expect(try answers(second[3].replacingNoise()) == "3.0")
        #expect(try answers(first[3].replacingNoise()) == "1.0")
        #expect(try answers(try datagram(from: "3.0")) == "3.0")
    }

    /// A server on aioquic that takes its ids from Relevo: clients that change address and id at once.
    @Test(.needsVarlink, arguments: ["1", "2"])
    func connectionsStayWhenTheirClientsChangeAddressAndIdAtOnce(workers: String) throws {
        let folder = try TemporaryFolder()
        try QUICProgram.makeCertificate(in: folder)
        try writeFile(folder.file("relevo.py"), Array(Self.channelText.utf8))
        let python = try #require(VarlinkProgram.interpreter)
        let service = try Service.current(
            [
                "--listen", "udp://127.0.0.1:4433", "--steering", "quic", "--workers", workers,
                "--linger", "20ms", "--non-blocking", "--unknown-ids", "current",
            ],
            command: [
                python, QUICProgram.example("server.py"), folder.file("certificate"),
                "udp://127.0.0.1:4433",
            ], environment: ["PYTHONPATH=\(folder.path)"])
        if workers == "2" { try service.succeed() }
        try QUICProgram.expectWholeMigrations(of: service, by: python)
    }

    /// In the place of the example's own: the same calls, by what CHANNEL.md says and nothing else.
    private static let channelText = """
        import array, os, socket, struct

        MASK = (1 << 64) - 1

        def siphash(key, words):
            v = [key[0] ^ 0x736f6d6570736575, key[1] ^ 0x646f72616e646f6d,
                 key[0] ^ 0x6c7967656e657261, key[1] ^ 0x7465646279746573]
            rotate = lambda x, n: (x << n | x >> (64 - n)) & MASK
            def round():
                v[0] = v[0] + v[1] & MASK
                v[1] = rotate(v[1], 13) ^ v[0]
                v[0] = rotate(v[0], 32)
                v[2] = v[2] + v[3] & MASK
                v[3] = rotate(v[3], 16) ^ v[2]
                v[0] = v[0] + v[3] & MASK
                v[3] = rotate(v[3], 21) ^ v[0]
                v[2] = v[2] + v[1] & MASK
                v[1] = rotate(v[1], 17) ^ v[2]
                v[2] = rotate(v[2], 32)
            for word in words:
                v[3] ^= word
                round()
                v[0] ^= word
            v[2] ^= 0xff
            for _ in range(3):
                round()
            return v[0] ^ v[1] ^ v[2] ^ v[3]

        class Event:
            DRAIN, RESUME, STOP, LINK, REFUSED, ENDED = range(1, 7)
            def __init__(self, verb):
                self.kind = {"DRAIN": 1, "RESUME": 2, "STOP": 3, "LINK": 4}.get(verb, 5)

        class Worker:
            def __init__(self):
                self.channel = socket.socket(fileno=int(os.environ.pop("RELEVO_CHANNEL")))
                self.event_descriptor = self.channel.fileno()
                self.say("HELLO", VERSION=1)
                _, keys, self.descriptors = self.hear()
                self.generation, self.index = int(keys["GENERATION"]), int(keys["WORKER"])
                stay, key = keys["IDS"].split(":")
                self.stay = int(stay)
                self.key = int(key[:16], 16), int(key[16:], 16)

            def say(self, verb, **keys):
                self.channel.send("\\n".join([verb] + [f"{k}={v}" for k, v in keys.items()]).encode())

            def hear(self, flags=0):
                data, rights, _, _ = self.channel.recvmsg(4096, socket.CMSG_SPACE(128), flags)
                found = array.array("i")
                for _, _, some in rights:
                    found.frombytes(some[: len(some) - len(some) % 4])
                verb, *lines = data.decode().rstrip("\\n").split("\\n")
                return verb, dict(line.split("=", 1) for line in lines), list(found)

            def socket(self, name, address):
                return self.descriptors.pop(0)

            def make_id(self, number):
                head = bytes([4 << 5 | 14]) + os.urandom(8) + struct.pack("!H", self.stay)
                words = struct.unpack("<QQ", head + bytes(5))
                return head + struct.pack("<I", siphash(self.key, [*words, 15]) & 0xffffffff)

            def ready(self):
                self.say("READY")

            def sessions(self, count):
                self.say("SESSIONS", COUNT=count)

            def drained(self):
                self.say("DRAINED")

            def events(self):
                while True:
                    try:
                        yield Event(self.hear(socket.MSG_DONTWAIT)[0])
                    except BlockingIOError:
                        return
        """
}

extension [UInt8] {
    /// Another packet with the same id.
    fileprivate func replacingNoise() -> [UInt8] {
        dropLast(30) + (0..<30).map { _ in UInt8.random(in: 0...255) }
    }
}
