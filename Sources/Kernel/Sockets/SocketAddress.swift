import Glibc

/// An IPv4 or IPv6 address with a port, as written in settings: `127.0.0.1:53`, `[::1]:53`.
package enum SocketAddress: Hashable, Sendable {
    /// The address in the order it is written: 127.0.0.1 is 0x7F000001.
    case ipv4(UInt32, port: UInt16)
    /// The scope is an interface's index, 0 for none.
    case ipv6(UInt128, port: UInt16, scope: UInt32)

    /// 127.0.0.1 with this port, 0 for one that the kernel picks.
    package static func loopback(port: UInt16 = 0) -> SocketAddress {
        .ipv4(0x7F00_0001, port: port)
    }
    /// ::1 with this port, 0 for one that the kernel picks.
    package static func loopback6(port: UInt16 = 0) -> SocketAddress {
        .ipv6(1, port: port, scope: 0)
    }

    /// The port in the order it is written.
    package var port: UInt16 {
        get {
            switch self {
            case .ipv4(_, let port), .ipv6(_, let port, _): port
            }
        }
        set {
            switch self {
            case .ipv4(let address, _): self = .ipv4(address, port: newValue)
            case .ipv6(let address, _, let scope):
                self = .ipv6(address, port: newValue, scope: scope)
            }
        }
    }

    /// Whether it stands for every local address: `0.0.0.0` or `[::]`.
    package var isWildcard: Bool {
        switch self {
        case .ipv4(let address, _): address == 0
        case .ipv6(let address, _, _): address == 0
        }
    }

    /// Whether sockets of this address are of AF_INET6.
    package var isIPv6: Bool {
        switch self {
        case .ipv4: false
        case .ipv6: true
        }
    }

    /// The IPv4 address that a dual-stack socket reports as `::ffff:a.b.c.d`; others as they are.
    package var unmapped: SocketAddress {
        switch self {
        case .ipv6(let address, let port, _) where address >> 32 == 0xFFFF:
            .ipv4(UInt32(truncatingIfNeeded: address), port: port)
        case .ipv4, .ipv6: self
        }
    }
}

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

/// An address in the form that the kernel takes and gives.
struct RawSocketAddress {
    private var storage = sockaddr_storage()
    private var length: socklen_t

    /// Room for an address that the kernel is about to fill in.
    init() { length = socklen_t(MemoryLayout<sockaddr_storage>.size) }

    init(_ unix: sockaddr_un, length: Int) {
        self.length = 0
        place(unix)
        self.length = socklen_t(length)
    }

    init(_ address: SocketAddress) {
        switch address {
        case .ipv4(let bits, let port):
            length = 0
            var inet = sockaddr_in()
            inet.sin_family = sa_family_t(AF_INET)
            inet.sin_port = port.bigEndian
            inet.sin_addr.s_addr = bits.bigEndian
            place(inet)
        case .ipv6(let bits, let port, let scope):
            length = 0
            var inet = sockaddr_in6()
            inet.sin6_family = sa_family_t(AF_INET6)
            inet.sin6_port = port.bigEndian
            inet.sin6_scope_id = scope
            inet.sin6_addr = unsafe unsafeBitCast(bits.bigEndian, to: in6_addr.self)
            place(inet)
        }
    }

    /// An address out of another process's memory; nil where it is too short for its family.
    init?(bytes: [UInt8]) {
        self.init()
        let room = MemoryLayout<sockaddr_storage>.size
        guard bytes.count >= MemoryLayout<sa_family_t>.size, bytes.count <= room else { return nil }
        unsafe withUnsafeMutableBytes(of: &storage) { unsafe $0.copyBytes(from: bytes) }
        length = socklen_t(bytes.count)
        switch Int32(storage.ss_family) {
        case AF_INET where bytes.count < MemoryLayout<sockaddr_in>.size: return nil
        // The kernel takes one that ends before the scope.
        case AF_INET6 where bytes.count < MemoryLayout<sockaddr_in6>.size - 4: return nil
        default: break
        }
    }

    /// The address as a value; nil when it is of another family.
    var address: SocketAddress? {
        switch Int32(storage.ss_family) {
        case AF_INET:
            let inet = read(as: sockaddr_in.self)
            return .ipv4(
                UInt32(bigEndian: inet.sin_addr.s_addr), port: UInt16(bigEndian: inet.sin_port))
        case AF_INET6:
            let inet = read(as: sockaddr_in6.self)
            let bits = unsafe unsafeBitCast(inet.sin6_addr, to: UInt128.self)
            return .ipv6(
                UInt128(bigEndian: bits), port: UInt16(bigEndian: inet.sin6_port),
                scope: inet.sin6_scope_id)
        default: return nil
        }
    }

    /// For the structures of the kernel that have an address in them.
    var wholeStorage: sockaddr_storage { storage }

    /// Lends the bytes to a call that reads an address.
    func withBytes<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        unsafe withUnsafePointer(to: storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe body($0, length)
            }
        }
    }

    /// Lends the room to a call that writes an address and its length.
    mutating func withRoom<Result>(
        _ body: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Result
    ) -> Result {
        unsafe withUnsafeMutablePointer(to: &length) { length in
            unsafe withUnsafeMutablePointer(to: &storage) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe body($0, length)
                }
            }
        }
    }

    private mutating func place<Address>(_ value: Address) {
        length = socklen_t(MemoryLayout<Address>.size)
        unsafe withUnsafeMutableBytes(of: &storage) { bytes in
            unsafe bytes.storeBytes(of: value, as: Address.self)
        }
    }

    private func read<Address>(as type: Address.Type) -> Address {
        unsafe withUnsafeBytes(of: storage) { unsafe $0.load(as: type) }
    }
}
