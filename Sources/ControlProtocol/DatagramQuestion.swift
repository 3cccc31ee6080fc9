/// A datagram of which somebody asks where it would go.
package struct DatagramQuestion: Equatable, Sendable {
    /// So many may be asked of in one call.
    package static let most = 64
    /// Steering reads nothing behind these bytes of a payload.
    package static let mostBytes = 4_200
    /// The largest payload of a UDP datagram.
    static let largest = 65_535

    /// The payload, or the beginning of it.
    package var payload: [UInt8]
    /// How many bytes the whole payload has; nil where it is all there.
    package var size: Int?
    /// `HOST:PORT`, IPv6 in brackets.
    package var from: String
    /// The same of where it arrives; nil where the listener tells it.
    package var to: String?
    /// The address or the name of a listener; nil where `to` tells it, or there is only one.
    package var listener: String?

    package init(
        payload: [UInt8], size: Int? = nil, from: String, to: String? = nil,
        listener: String? = nil
    ) {
        self.payload = payload
        self.size = size
        self.from = from
        self.to = to
        self.listener = listener
    }
}

extension DatagramQuestion: Codable {
    private enum CodingKeys: String, CodingKey { case payload, size, from, to, listener }

    package init(from decoder: any Decoder) throws {
        let object = try decoder.container(keyedBy: CodingKeys.self)
        let text = try object.decode(String.self, forKey: .payload)
        guard let payload = Hex.bytes(text), payload.count <= Self.mostBytes else {
            throw DecodingError.dataCorruptedError(
                forKey: .payload, in: object, debugDescription: "not so many bytes in hexadecimal")
        }
        self.payload = payload
        size = try object.decodeIfPresent(Int.self, forKey: .size)
        guard payload.count...Self.largest ~= size ?? payload.count else {
            throw DecodingError.dataCorruptedError(
                forKey: .size, in: object, debugDescription: "no size of such a datagram")
        }
        from = try object.decode(String.self, forKey: .from)
        to = try object.decodeIfPresent(String.self, forKey: .to)
        listener = try object.decodeIfPresent(String.self, forKey: .listener)
    }

    package func encode(to encoder: any Encoder) throws {
        var object = encoder.container(keyedBy: CodingKeys.self)
        try object.encode(Hex.text(payload), forKey: .payload)
        try object.encodeIfPresent(size, forKey: .size)
        try object.encode(from, forKey: .from)
        try object.encodeIfPresent(to, forKey: .to)
        try object.encodeIfPresent(listener, forKey: .listener)
    }
}

/// Bytes as hexadecimal digits.
package enum Hex {
    /// nil for what is not pairs of digits.
    package static func bytes(_ text: String) -> [UInt8]? {
        var (bytes, high): ([UInt8], UInt8?) = ([], nil)
        bytes.reserveCapacity(text.utf8.count / 2)
        for character in text.utf8 {
            guard let digit = digit(character) else { return nil }
            if let first = high {
                bytes.append(first << 4 | digit)
                high = nil
            } else {
                high = digit
            }
        }
        return high == nil ? bytes : nil
    }

    package static func text(_ bytes: some Collection<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] },
            as: UTF8.self)
    }

    private static func digit(_ character: UInt8) -> UInt8? {
        switch character {
        case 0x30...0x39: character - 0x30
        case 0x41...0x46: character - 0x37
        case 0x61...0x66: character - 0x57
        default: nil
        }
    }
}
