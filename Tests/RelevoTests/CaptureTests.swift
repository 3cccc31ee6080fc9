import Kernel
import TestSeeds
import Testing

@testable import relevo

/// What `relevo explain --pcap` reads of captures.
struct CaptureTests {
    private static let payload: [UInt8] = [1, 2, 3, 4]

    private static func big(_ value: Int, _ count: Int) -> [UInt8] {
        (0..<count).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    /// For sums of many parts, which Swift 6.2 takes too long to read.
    private static func all(_ parts: [UInt8]...) -> [UInt8] { Array(parts.joined()) }

    private static func udp(_ payload: [UInt8] = payload) -> [UInt8] {
        all(big(4242, 2), big(53, 2), big(8 + payload.count, 2), [0, 0], payload)
    }

    private static func ipv4(_ body: [UInt8] = udp(), offset: Int = 0, isMore: Bool = false)
        -> [UInt8]
    {
        all(
            [0x46, 0], big(24 + body.count, 2), [0, 0], big((isMore ? 0x2000 : 0) | offset, 2),
            [64, 17, 0, 0, 192, 0, 2, 1, 198, 51, 100, 7], [1, 1, 1, 1], body)
    }

    private static func ipv6(_ body: [UInt8] = udp(), next: UInt8 = 17) -> [UInt8] {
        var address = [UInt8](repeating: 0, count: 15)
        address[0] = 0xfd
        return all(
            [0x60, 0, 0, 0], big(body.count, 2), [next, 64], address, [1], address, [2], body)
    }

    private static let v4 = ("192.0.2.1:4242", "198.51.100.7:53")
    private static let v6 = ("[fd00::1]:4242", "[fd00::2]:53")

    static let frames: [(link: UInt32, bytes: [UInt8], ends: (String, String))] = [
        (1, all(big(0, 12), big(0x0800, 2), ipv4()), v4),
        (1, all(big(0, 12), big(0x8100, 2), big(7, 2), big(0x86dd, 2), ipv6()), v6),
        (
            1,
            all(
                big(0, 12), big(0x88a8, 2), big(7, 2), big(0x8100, 2), big(9, 2), big(0x0800, 2),
                ipv4()),
            v4
        ),
        (113, all(big(0, 14), big(0x0800, 2), ipv4()), v4),
        (276, all(big(0x86dd, 2), big(0, 18), ipv6()), v6),
        (101, ipv4(), v4), (101, ipv6(), v6), (228, ipv4(), v4), (229, ipv6(), v6),
        (0, all([2, 0, 0, 0], ipv4()), v4), (108, all([0, 0, 0, 30], ipv6()), v6),
        // Hop by hop options, then a first fragment's header.
        (101, ipv6(all([44, 0], big(0, 6), [17, 0, 0, 1], big(5, 4), udp()), next: 0), v6),
    ]

    @Test(arguments: frames.indices)
    func everyLinkTypeIsRead(at: Int) throws {
        let frame = Self.frames[at]
        let found = try CapturedDatagram(
            PacketCapture.Packet(link: frame.link, bytes: frame.bytes, length: frame.bytes.count))
        #expect("\(found.from)" == frame.ends.0 && "\(found.to)" == frame.ends.1)
        #expect(found.payload == Self.payload && found.size == 4)
    }

    private static func read(_ bytes: [UInt8], link: UInt32 = 101) throws -> CapturedDatagram {
        try CapturedDatagram(PacketCapture.Packet(link: link, bytes: bytes, length: bytes.count))
    }

    @Test func whatHasNoPortsIsSaid() throws {
        typealias Reason = CapturedDatagram.Reason
        #expect(throws: Reason.fragment) { try Self.read(Self.ipv4(offset: 10)) }
        #expect(throws: Reason.fragment) {
            try Self.read(Self.ipv6([17, 0, 0, 0x10] + Self.big(5, 4) + Self.udp(), next: 44))
        }
        #expect(throws: Reason.cut) { try Self.read(Array(Self.ipv4().prefix(28))) }
        #expect(throws: Reason.cut) { try Self.read([]) }
        #expect(throws: Reason.link(147)) { try Self.read(Self.ipv4(), link: 147) }
        #expect(throws: Reason.notUDP) { try Self.read(Self.ipv6(next: 6)) }
        #expect(throws: Reason.notIP) {
            try Self.read(Self.big(0, 12) + Self.big(0x0806, 2) + Self.big(0, 40), link: 1)
        }
    }

    @Test func aFirstFragmentTellsHowLongTheWholeIs() throws {
        var body = Self.udp()
        body[4] = 0x0b
        let found = try Self.read(Self.ipv4(body, isMore: true))
        #expect(found.payload == Self.payload && found.size == 0x0b0c - 8)
    }

    @Test func paddingBehindADatagramIsNotIt() throws {
        let frame = Self.big(0, 12) + Self.big(0x0800, 2) + Self.ipv4() + Self.big(0, 14)
        #expect(try Self.read(frame, link: 1).payload == Self.payload)
    }

    // MARK: Files

    private static func classic(isBig: Bool, isFine: Bool) -> [UInt8] {
        func word(_ value: Int) -> [UInt8] { isBig ? big(value, 4) : big(value, 4).reversed() }
        func half(_ value: Int) -> [UInt8] { isBig ? big(value, 2) : big(value, 2).reversed() }
        let head =
            word(isFine ? 0xa1b2_3c4d : 0xa1b2_c3d4) + half(2) + half(4) + word(0) + word(0)
            + word(65_535) + word(101)
        let packet = ipv4()
        let one = word(1) + word(2) + word(packet.count) + word(packet.count) + packet
        let cut = word(1) + word(2) + word(30) + word(packet.count) + packet.prefix(30)
        return head + one + cut
    }

    private static func blocks(isBig: Bool) -> [UInt8] {
        func word(_ value: Int) -> [UInt8] { isBig ? big(value, 4) : big(value, 4).reversed() }
        func half(_ value: Int) -> [UInt8] { isBig ? big(value, 2) : big(value, 2).reversed() }
        func block(_ kind: Int, _ body: [UInt8]) -> [UInt8] {
            let padded = body + [UInt8](repeating: 0, count: (4 - body.count % 4) % 4)
            return word(kind) + word(padded.count + 12) + padded + word(padded.count + 12)
        }
        let section = block(
            0x0a0d_0d0a, word(0x1a2b_3c4d) + half(1) + half(0) + word(-1) + word(-1))
        let packet = ipv4()
        return section + block(1, half(1) + half(0) + word(0))
            + block(1, half(101) + half(0) + word(0)) + block(5, word(0))
            + block(
                6, word(1) + word(0) + word(0) + word(packet.count) + word(packet.count) + packet)
            + section + block(1, half(101) + half(0) + word(0))
            + block(3, word(packet.count) + packet)
    }

    @Test(arguments: [false, true], [false, true])
    func pcapIsReadInEveryForm(isBig: Bool, isFine: Bool) throws {
        let capture = try PacketCapture(Self.classic(isBig: isBig, isFine: isFine))
        let packet = Self.ipv4()
        #expect(
            capture.packets == [
                .init(link: 101, bytes: packet, length: packet.count),
                .init(link: 101, bytes: Array(packet.prefix(30)), length: packet.count),
            ])
        #expect(!capture.isCut)
    }

    @Test(arguments: [false, true])
    func pcapngIsReadInEveryForm(isBig: Bool) throws {
        let capture = try PacketCapture(Self.blocks(isBig: isBig))
        let packet = PacketCapture.Packet(
            link: 101, bytes: Self.ipv4(), length: Self.ipv4().count)
        #expect(capture.packets == [packet, packet])
    }

    @Test func whatIsNoCaptureIsSaid() {
        for bytes in [[], [1, 2, 3], Array("# 12:34 IP".utf8)] as [[UInt8]] {
            #expect(throws: PacketCapture.Mistake.self) { try PacketCapture(bytes) }
        }
    }

    /// Whatever is in a file: it is read or refused.
    @Test func noFileIsReadPastItsEnd() {
        var random = SeededGenerator(seed: 7)
        let whole = [
            Self.classic(isBig: false, isFine: false), Self.classic(isBig: true, isFine: true),
            Self.blocks(isBig: false), Self.blocks(isBig: true),
        ]
        var (read, refused) = (0, 0)
        for _ in 0..<20_000 {
            var bytes = whole.randomElement(using: &random) ?? []
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] =
                    [0, 1, 0x7f, 0x80, 0xff, UInt8.random(in: 0...255, using: &random)]
                    .randomElement(using: &random) ?? 0
            }
            bytes.removeLast(Int.random(in: 0...8, using: &random))
            do {
                for packet in try PacketCapture(bytes).packets { _ = try? CapturedDatagram(packet) }
                read += 1
            } catch {
                refused += 1
            }
        }
        #expect(read > 1000 && refused > 1000)
    }
}
