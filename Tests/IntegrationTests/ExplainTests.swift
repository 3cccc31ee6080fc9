import ControlProtocol
import Kernel
import TestKit
import Testing

/// `relevo explain` against a service that runs: a session is followed over an upgrade.
@Suite(.ownNetwork, .needsRoot, .needsFlowSteering)
struct ExplainTests {
    /// A long header of a handshake, which tells the server's id; a short header with it.
    private static let id: [UInt8] = [0xa1, 0xb2, 0xc3, 0xd4, 0xe5, 0xf6, 0x07, 0x18]
    private static let handshake: [UInt8] =
        [0xe3, 0, 0, 0, 1, 8] + id + [8, 1, 2, 3, 4, 5, 6, 7, 8] + [UInt8](repeating: 9, count: 40)
    private static let initial: [UInt8] =
        [0xc3, 0, 0, 0, 1, 8, 9, 9, 9, 9, 9, 9, 9, 9, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0]
        + [UInt8](repeating: 9, count: 40)
    private static let data: [UInt8] = [0x41] + id + [UInt8](repeating: 7, count: 30)

    @Test func aSessionIsExplainedOverAnUpgrade() throws {
        let service = try Service.current(
            ["--listen", "udp://127.0.0.1:4433", "--steering", "quic", "--linger", "20ms"],
            command: try Programs.echo())
        let client = try DatagramSocket.bound(
            to: .loopback(), options: DatagramSocketOptions(reusePort: false))
        let server = SocketAddress.loopback(port: 4433)
        for payload in [Self.initial, Self.handshake, Self.data] {
            _ = try client.send(payload, to: server)
            #expect(try client.receive(within: .seconds(10))?.bytes == payload)
        }
        #expect(try service.upgrade())

        func explain(_ payload: [UInt8], from: String, _ more: String...) throws -> Finished {
            try service.relevo(
                ["explain", "--from", from, "--payload", Hex.text(payload)] + more)
        }
        let before = try service.status().listeners.first?.counters
        let moved = try explain(Self.data, from: "127.0.0.9:5")
        #expect(moved.exit == .code(0), "\(moved)")
        #expect(moved.text.contains("goes to   generation 1 (draining), worker 0"), "\(moved.text)")
        #expect(moved.text.contains("the session's id is known (id)"))
        #expect(moved.text.contains("id a1b2c3d4e5f60718 (8 bytes): found, leads to 1.0"))
        let new = try explain(Self.initial, from: "127.0.0.9:5")
        #expect(new.text.contains("goes to   generation 2 (current), worker 0"), "\(new.text)")
        #expect(new.text.contains("read as   QUIC Initial"))
        // Nothing was touched by looking.
        #expect(try service.status().listeners.first?.counters == before)

        let strange = try explain(Self.data, from: "127.0.0.9:5", "--to", "127.0.0.1:9")
        #expect(strange.exit == .code(1))
        #expect(strange.errors == ["relevo: no listener takes datagrams at 127.0.0.1:9"])
        #expect(try explain([1], from: "nowhere").exit == .code(64))
    }

    @Test func aCaptureIsExplainedDatagramByDatagram() throws {
        let folder = try TemporaryFolder()
        let service = try Service.current(
            ["--listen", "udp://127.0.0.1:4433", "--linger", "20ms"], command: try Programs.echo())
        let path = "\(folder.path)/a.pcap"
        try writeFile(path, Self.capture([Self.data, Self.initial]))
        let text = try service.relevo("explain", "--pcap", path)
        #expect(text.exit == .code(0), "\(text)")
        #expect(text.text.contains("2 packets, 2 datagrams explained"), "\(text.text)")
        let json = try service.relevo("explain", "--pcap", path, "--json", "--limit", "1")
        #expect(json.text.contains("\"rule\": \"opens\""), "\(json.text)")
        let none = try service.relevo("explain", "--pcap", "/dev/null")
        #expect(none.exit == .code(1))
    }

    @Test(arguments: ["127.0.0.1:4433", "[::1]:4433"])
    func datagramsAreExplainedAsTheyCome(address: String) throws {
        let service = try Service.current(
            [
                "--listen", "udp://\(address)", "--listen", "udp://127.0.0.1:4434", "--linger",
                "20ms",
            ], command: try Programs.echo())
        let load = try service.load(["--flows", "5", "--rate", "500"], to: address)
        let looked = try service.relevo(
            "explain", "--live", "--duration", "2s", "--limit", "4")
        #expect(looked.exit == .code(0), "\(looked)")
        let because = looked.output.filter { $0.contains("its 4-tuple") }
        #expect(because.count == 4, "\(looked.text)")
        #expect(looked.output.contains { $0.contains("to \(address), 64 bytes") })
        let sum = try #require(looked.output.first { $0.hasPrefix("udp://\(address): ") })
        #expect(sum.contains("tuple "), "\(sum)")
        #expect(looked.output.contains("udp://127.0.0.1:4434: 0 datagrams"))
        let json = try service.relevo(
            "explain", "--live", "--duration", "500ms", "--limit", "1", "--json", "--listener",
            "udp://\(address)")
        #expect(json.text.contains("\"rule\": \"tuple\""), "\(json.text)")
        #expect(try load.stopped().ok)
    }

    /// Raw IPv4, as pcap has it.
    private static func capture(_ payloads: [[UInt8]]) -> [UInt8] {
        func word(_ value: Int) -> [UInt8] {
            (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        }
        // Without sums of many parts, which Swift 6.2 takes too long to read.
        let head: [[UInt8]] = [
            word(0xa1b2_c3d4), [2, 0, 4, 0], word(0), word(0), word(65_535), word(101),
        ]
        var file = Array(head.joined())
        for payload in payloads {
            let udp = UInt16(8 + payload.count)
            let whole = udp + 20
            var packet: [UInt8] = [0x45, 0, UInt8(whole >> 8), UInt8(whole & 0xff)]
            packet += [0, 0, 0, 0, 64, 17, 0, 0]
            packet += [127, 0, 0, 2, 127, 0, 0, 1, 0x10, 0x20, 0x11, 0x51]
            packet += [UInt8(udp >> 8), UInt8(udp & 0xff), 0, 0]
            packet += payload
            for value in [1, 0, Int(whole), Int(whole)] { file += word(value) }
            file += packet
        }
        return file
    }
}
