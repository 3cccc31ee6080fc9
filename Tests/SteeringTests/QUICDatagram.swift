import Steering
import TestKit

/// Datagrams as a QUIC client sends them (RFC 8999, 9000, 9369): headers that are right, and noise behind.
enum QUICDatagram {
    static let version1: UInt32 = 1
    static let version2: UInt32 = 0x6b33_43cf

    enum Kind: UInt8 {
        case initial = 0
        case zeroRTT = 1
        case handshake = 2
    }

    /// A packet with a long header.
    static func long(
        _ kind: Kind, to id: [UInt8], from own: [UInt8], version: UInt32 = version1,
        isGreased: Bool = false, payload: Int = 40
    ) -> [UInt8] {
        let type = version == version2 ? (kind.rawValue + 1) % 4 : kind.rawValue
        var bytes: [UInt8] = [(isGreased ? 0x80 : 0xc0) | type << 4 | 3]
        bytes += (0..<4).reversed().map { UInt8(truncatingIfNeeded: version >> ($0 * 8)) }
        bytes += [UInt8(id.count)] + id + [UInt8(own.count)] + own
        if kind == .initial { bytes.append(0) }
        bytes += [0x40 | UInt8(payload >> 8), UInt8(payload & 0xff)] + noise(payload)
        return bytes
    }

    /// A packet with a short header.
    static func short(to id: [UInt8], isGreased: Bool = false) -> [UInt8] {
        [(isGreased ? 0x00 : 0x40) | UInt8.random(in: 0..<0x40)] + id + noise(30)
    }

    static func noise(_ count: Int) -> [UInt8] { (0..<count).map { _ in .random(in: 0...255) } }
}

/// A connection as its client sees it, at a server that issues ids of some form.
struct QUICSession {
    /// The server's id that the client uses now.
    var id: [UInt8]
    let own: [UInt8]
    let first = QUICDatagram.noise(8)
    var version = QUICDatagram.version1
    var isGreased = false

    /// - Parameters:
    ///   - length: of the ids that the server issues.
    ///   - own: the length of the client's ids.
    init(length: Int = 8, own: Int = 8) {
        id = QUICDatagram.noise(length)
        self.own = QUICDatagram.noise(own)
    }

    var initial: [UInt8] {
        QUICDatagram.long(
            .initial, to: first, from: own, version: version, isGreased: isGreased)
    }
    var handshake: [UInt8] {
        QUICDatagram.long(
            .handshake, to: id, from: own, version: version, isGreased: isGreased)
    }
    /// What a client answers with that puts both packets into one datagram.
    var coalesced: [UInt8] {
        QUICDatagram.long(.initial, to: id, from: own, version: version, isGreased: isGreased)
            + handshake
    }
    var data: [UInt8] { QUICDatagram.short(to: id, isGreased: isGreased) }

    /// Takes another id of the server's into use.
    mutating func rotate() { id = QUICDatagram.noise(id.count) }
}

extension SteeredGroup {
    /// Opens connections, each from an address of its own, and sends until all of them are confirmed.
    func openConfirmed(_ count: Int, from client: Int, at slot: Int) throws {
        let sessions = (0..<count).map { _ in QUICSession() }
        let before = steering.countFlows()[slot]?.confirmed ?? 0
        for (at, session) in sessions.enumerated() {
            let found = try open(session, from: client + at)
            guard found == slot else { throw TestFailure("a session went to \(found ?? -1)") }
        }
        let confirmed = try eventually {
            for (at, session) in sessions.enumerated() {
                _ = try self.slot(of: session.data, from: client + at)
            }
            return (steering.countFlows()[slot]?.confirmed ?? 0) >= before + count
        }
        guard confirmed else { throw TestFailure("the sessions were not confirmed") }
    }

    /// Opens a connection from a client's address, as far as datagrams show.
    ///
    /// - Returns: where all of them went; nil where that was not one slot.
    func open(_ session: QUICSession, from client: Int, port: Int = 0) throws -> Int? {
        let slots = try [session.initial, session.handshake, session.data].map {
            try slot(of: $0, from: client, port: port)
        }
        return Set(slots).count == 1 ? slots[0] : nil
    }
}
