import Foundation
import Kernel
import Testing

@testable import RelevoClient

/// What the clients of other languages are tested with is what this library says on a link, and the
/// ids that it makes: `packaging/clients/vectors/client.txt`.
@Suite struct ClientVectorTests {
    @Test func areWhatThisLibrarySays() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../packaging/clients/vectors/client.txt")
        let text = try Self.text()
        if ProcessInfo.processInfo.environment["RELEVO_WRITE_VECTORS"] != nil {
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
        let written = try String(contentsOf: file, encoding: .utf8)
        #expect(
            written == text,
            "RELEVO_WRITE_VECTORS=1 swift test --filter ClientVectorTests writes it anew")
    }

    private static func text() throws -> String {
        var lines = [
            "# id STAY KEY-LOW KEY-HIGH START ID: an id closed with that seal.",
            "# datagrams BYTES, then each of them: datagram SOURCE DESTINATION RECEIVED PAYLOAD;",
            "# message BYTES PAYLOAD; - is none;",
            "# broken BYTES: no packet of a link. Made from RelevoClientTests, which hold it to be so:",
            "# RELEVO_WRITE_VECTORS=1 swift test --filter ClientVectorTests writes it anew.", "",
        ]
        lines += ids()
        lines += ["", try datagrams([(nil, nil, 0, [])])]
        lines += [
            try datagrams([
                (source, destination, 7, Array("hello".utf8)),
                (nil, source, .max, (0..<17).map { UInt8($0) }),
            ])
        ]
        lines += ["", try message([]), try message(Array("largo".utf8))]
        lines += ["", "broken 01", "broken 0101000000000000", "broken 0201ff"]
        lines += ["broken 0301010000000000", "broken 0202000000000000"]
        lines += ["broken 0101010000000000" + String(repeating: "00", count: 63)]
        lines += ["broken 010101000000000001" + String(repeating: "00", count: 63)]
        lines += ["broken 0101010000000000ffffffff" + String(repeating: "00", count: 60)]
        return lines.joined(separator: "\n") + "\n"
    }

    private static let source = InternetAddress(v4: 0xc000_0207, port: 4711)
    private static let destination = InternetAddress(v6: 0x2001_0db8 << 32, 7, port: 53)

    private static func ids() -> [String] {
        let key: (UInt64, UInt64) = (0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908)
        let starts: [[UInt8]] = [
            [0x0a, 1, 2, 3, 4], [0xb0, 0xaa, 0xbb, 1, 2, 3, 4, 5, 6, 7, 8],
            [0x13, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4],
        ]
        return [UInt16(1), 0x0302, 4095].flatMap { stay in
            starts.map { start in
                var id = start
                Seal(stay: stay, key: key).close(&id)
                return "id \(stay) \(hex(key.0)) \(hex(key.1)) \(hex(start)) \(hex(id))"
            }
        }
    }

    private typealias Given = (InternetAddress?, InternetAddress?, UInt64, [UInt8])

    private static func datagrams(_ given: [Given]) throws -> String {
        let bytes = try onLink { link in
            for (source, destination, received, payload) in given {
                let isTaken = try link.forward(
                    payload.span, from: source, to: destination, received: received)
                #expect(isTaken)
            }
            let isSent = try link.flush()
            #expect(isSent)
        }
        let lines = given.map { source, destination, received, payload in
            let ends = [source, destination].map { $0?.description ?? "-" }
            return "datagram \(ends[0]) \(ends[1]) \(received) \(orNone(payload))"
        }
        return (["datagrams \(hex(bytes))"] + lines).joined(separator: "\n")
    }

    private static func message(_ payload: [UInt8]) throws -> String {
        let bytes = try onLink { link in
            let isSent = try link.send(payload.span)
            #expect(isSent)
        }
        return "message \(hex(bytes)) \(orNone(payload))"
    }

    /// The packet that goes over a link.
    private static func onLink(_ body: (inout Link) throws -> Void) throws -> [UInt8] {
        var pair = try UnixConnectionPair(kind: .sequencedPacket)
        var link = try Link(adopting: pair.takeFirst().intoDescriptor().release())
        let other = pair.takeSecond()
        try body(&link)
        return try other.receive(upTo: 65_608)?.bytes ?? []
    }

    private static func orNone(_ payload: [UInt8]) -> String {
        payload.isEmpty ? "-" : hex(payload)
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        bytes.map { String(format: "%02x", $0) }.joined()
    }

    private static func hex(_ word: UInt64) -> String { String(format: "%016lx", word) }
}
