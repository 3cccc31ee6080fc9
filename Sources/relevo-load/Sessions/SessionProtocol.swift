import ArgumentParser

/// A protocol whose headers a session's datagrams have: as much of it as steering by ids reads.
enum SessionProtocol: String, ExpressibleByArgument, CaseIterable {
    /// Initial and Handshake with long headers, then short ones with the server's id (RFC 9000).
    case quic
    /// Initiation and response (types 1 and 2), then transport data (type 4) with the receiver's index.
    case wireguard

    /// What a datagram does.
    enum Kind: Equatable {
        /// The client begins, or agrees on new keys.
        case open
        /// Of QUIC: the client goes on with the handshake, and names the server's id for the first time.
        case handshake
        case data
    }

    /// One that a client has sent.
    struct Request: Equatable {
        var kind: Kind
        /// The server's id; of an opening datagram the client's choice, or nothing.
        var id: [UInt8]
        /// The client's own, where the datagram has it.
        var own: [UInt8]
        var body: SessionBody
    }

    /// Of a client's own ids, and of what it opens a connection with.
    var ownLength: Int {
        switch self {
        case .quic: 8
        case .wireguard: 4
        }
    }

    /// Of the ids that a server issues, unless it is told another one.
    var idLength: Int {
        switch self {
        case .quic: 8
        case .wireguard: 4
        }
    }

    /// Whether a server gives its clients ids to use later.
    var givesIDs: Bool { self == .quic }

    // MARK: From the client

    func bytes(_ request: Request) -> [UInt8] {
        switch (self, request.kind) {
        case (.quic, .open): Self.long(0, to: request.id, from: request.own, request.body)
        case (.quic, .handshake): Self.long(2, to: request.id, from: request.own, request.body)
        case (.quic, .data): [0x40] + request.id + request.body.bytes
        case (.wireguard, .open):
            Self.padded([1, 0, 0, 0] + request.own + request.body.bytes, to: 148)
        case (.wireguard, .handshake), (.wireguard, .data):
            [4, 0, 0, 0] + request.id + [UInt8](repeating: 0, count: 8) + request.body.bytes
        }
    }

    /// Reads what a client has sent; nil for anything else.
    ///
    /// - Parameter idLength: of the ids that the server issues.
    func request(_ bytes: [UInt8], idLength: Int) -> Request? {
        switch self {
        case .quic:
            guard let first = bytes.first else { return nil }
            if first & 0x80 == 0 {
                return Self.request(.data, bytes.dropFirst(1), idLength, own: [])
            }
            guard let long = LongHeader(bytes) else { return nil }
            guard long.type == 0 || long.type == 2, let body = SessionBody(long.rest) else {
                return nil
            }
            return Request(
                kind: long.type == 0 ? .open : .handshake, id: long.to, own: long.from, body: body)
        case .wireguard:
            if bytes.starts(with: [1, 0, 0, 0]), bytes.count == 148,
                let body = SessionBody(bytes.dropFirst(8))
            {
                return Request(kind: .open, id: [], own: Array(bytes[4..<8]), body: body)
            }
            guard bytes.starts(with: [4, 0, 0, 0]), bytes.count >= 16,
                let body = SessionBody(bytes.dropFirst(16))
            else { return nil }
            return Request(kind: .data, id: Array(bytes[4..<8]), own: [], body: body)
        }
    }

    private static func request(
        _ kind: Kind, _ rest: ArraySlice<UInt8>, _ length: Int, own: [UInt8]
    ) -> Request? {
        guard rest.count >= length, let body = SessionBody(rest.dropFirst(length)) else {
            return nil
        }
        return Request(kind: kind, id: Array(rest.prefix(length)), own: own, body: body)
    }

    // MARK: From the server

    /// The answer: to what opens a session it has the server's id.
    func answer(to request: Request, id: [UInt8], _ body: SessionBody) -> [UInt8] {
        switch (self, request.kind) {
        case (.quic, .open), (.quic, .handshake):
            Self.long(2, to: request.own, from: id, body)
        // The client's id is behind the first byte, which nobody on the way reads.
        case (.quic, .data): [0x40] + body.bytes
        case (.wireguard, .open): [2, 0, 0, 0] + id + request.own + body.bytes
        case (.wireguard, .handshake), (.wireguard, .data): [4, 0, 0, 0] + body.bytes
        }
    }

    /// Reads an answer: what the server says, and its id where it tells it.
    func answer(_ bytes: [UInt8]) -> (body: SessionBody, id: [UInt8]?)? {
        switch self {
        case .quic:
            guard let first = bytes.first else { return nil }
            if first & 0x80 == 0 { return SessionBody(bytes.dropFirst(1)).map { ($0, nil) } }
            guard let long = LongHeader(bytes), let body = SessionBody(long.rest) else {
                return nil
            }
            return (body, long.from)
        case .wireguard:
            if bytes.starts(with: [2, 0, 0, 0]), bytes.count >= 12 {
                return SessionBody(bytes.dropFirst(12)).map { ($0, Array(bytes[4..<8])) }
            }
            guard bytes.starts(with: [4, 0, 0, 0]) else { return nil }
            return SessionBody(bytes.dropFirst(4)).map { ($0, nil) }
        }
    }

    // MARK: Forms

    private static func long(
        _ type: UInt8, to: [UInt8], from: [UInt8], _ body: SessionBody
    ) -> [UInt8] {
        var bytes: [UInt8] = [0xc0 | type << 4, 0, 0, 0, 1, UInt8(to.count)] + to
        bytes += [UInt8(from.count)] + from
        // An Initial has a token, which is empty.
        if type == 0 { bytes.append(0) }
        let payload = body.bytes
        bytes += [0x40 | UInt8(payload.count >> 8), UInt8(payload.count & 0xff)] + payload
        return bytes
    }

    private static func padded(_ bytes: [UInt8], to size: Int) -> [UInt8] {
        bytes + [UInt8](repeating: 0, count: max(0, size - bytes.count))
    }
}

/// A packet of QUIC with a long header, as this program writes it.
private struct LongHeader {
    let type: UInt8
    let to: [UInt8]
    let from: [UInt8]
    let rest: ArraySlice<UInt8>

    init?(_ bytes: [UInt8]) {
        guard bytes.count > 6, bytes[0] & 0x80 != 0 else { return nil }
        type = bytes[0] >> 4 & 3
        var rest = bytes[5...]
        func id() -> [UInt8]? {
            guard let count = rest.popFirst(), count <= 20, rest.count >= count else { return nil }
            defer { rest = rest.dropFirst(Int(count)) }
            return Array(rest.prefix(Int(count)))
        }
        guard let to = id(), let from = id() else { return nil }
        self.to = to
        self.from = from
        self.rest = rest.dropFirst(type == 0 ? 3 : 2)
    }
}
