/// A QUIC connection id in the plaintext form of draft-ietf-quic-load-balancers (section 5.1):
/// the first byte has the configuration in its top three bits and the length of what follows in
/// the others, then come the server's id and a nonce.
public struct RoutableID: Equatable, Sendable {
    /// Which of a deployment's configurations it was made with, 0 to 6.
    public let configuration: UInt8
    /// Which server it leads to; here the slot, two bytes with the high one first.
    public let server: [UInt8]
    /// What makes it unique, at least four bytes.
    public let nonce: [UInt8]

    /// The draft's limits: a server id of a byte or more and a nonce of four or more, together at
    /// most nineteen.
    public init?(configuration: UInt8, server: [UInt8], nonce: [UInt8]) {
        guard configuration < 7, !server.isEmpty, nonce.count >= 4,
            server.count + nonce.count <= 19
        else { return nil }
        self.configuration = configuration
        self.server = server
        self.nonce = nonce
    }

    /// Reads an id whose server id has this length. nil for one that is not routable: the
    /// configuration is 7, the lengths do not fit, or the first byte tells another length.
    public init?(reading id: [UInt8], serverLength: Int) {
        guard let first = id.first, serverLength > 0, Int(first & 0x1f) == id.count - 1,
            id.count > serverLength + 1
        else { return nil }
        self.init(
            configuration: first >> 5, server: id.piece(1, 1 + serverLength),
            nonce: id.piece(1 + serverLength, id.count))
    }

    /// The connection id itself.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = [configuration << 5 | UInt8(server.count + nonce.count)]
        bytes += server
        bytes += nonce
        return bytes
    }

    /// The slot that it leads to; nil where the server's id is not of two bytes.
    public var slot: UInt16? {
        server.count == 2 ? UInt16(server[0]) << 8 | UInt16(server[1]) : nil
    }
}
