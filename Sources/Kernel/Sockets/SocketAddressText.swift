import Glibc

extension SocketAddress: LosslessStringConvertible, Codable {
    /// Reads `a.b.c.d:port`, `[v6]:port` or `[v6%interface]:port`; nil for anything else.
    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let digits = text[text.index(after: colon)...]
        guard !digits.isEmpty, digits.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }),
            let port = UInt16(digits)
        else { return nil }
        let host = text[..<colon]
        guard host.first == "[" else {
            var parsed = in_addr()
            guard unsafe inet_pton(AF_INET, String(host), &parsed) == 1 else { return nil }
            self = .ipv4(UInt32(bigEndian: parsed.s_addr), port: port)
            return
        }
        guard host.last == "]" else { return nil }
        let parts = host.dropFirst().dropLast().split(
            separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
        var parsed: UInt128 = 0
        guard let first = parts.first, unsafe inet_pton(AF_INET6, String(first), &parsed) == 1
        else { return nil }
        var scope: UInt32 = 0
        if parts.count == 2 {
            let named = unsafe if_nametoindex(String(parts[1]))
            guard let index = named > 0 ? named : UInt32(parts[1]), index > 0 else { return nil }
            scope = index
        }
        self = .ipv6(UInt128(bigEndian: parsed), port: port, scope: scope)
    }

    /// The text that `init(_:)` reads; a scope is written as the interface's index.
    package var description: String {
        switch self {
        case .ipv4(let address, let port):
            let parts = [24, 16, 8, 0].map { String((address >> UInt32($0)) & 0xFF) }
            return "\(parts.joined(separator: ".")):\(port)"
        case .ipv6(let address, let port, let scope):
            let zone = scope == 0 ? "" : "%\(scope)"
            return "[\(Self.text(of: address))\(zone)]:\(port)"
        }
    }

    /// Decodes the text form.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let address = SocketAddress(text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "\(text) is not an address with a port")
        }
        self = address
    }

    /// Encodes the text form.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    private static func text(of address: UInt128) -> String {
        var network = address.bigEndian
        var buffer = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard unsafe inet_ntop(AF_INET6, &network, &buffer, socklen_t(buffer.count)) != nil else {
            preconditionFailure("an IPv6 address has a text")
        }
        return String(
            decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
