internal import CRelevoClient

/// An IPv4 or IPv6 address with its port.
public struct InternetAddress: Equatable, Sendable {
    /// 4 or 6.
    public let family: UInt8
    /// In the host's byte order.
    public var port: UInt16
    /// The interface that a link-local IPv6 address belongs to (`sin6_scope_id`), else 0.
    public let scope: UInt32
    /// The first eight bytes of an IPv6 address as a number; 0 for IPv4.
    let high: UInt64
    /// The last eight bytes of an IPv6 address as a number, or the IPv4 address as one.
    let low: UInt64

    init(family: UInt8, port: UInt16, scope: UInt32 = 0, high: UInt64 = 0, low: UInt64) {
        self.family = family
        self.port = port
        self.scope = scope
        self.high = high
        self.low = low
    }

    /// An IPv4 address, its four numbers from the left in one, 0x7f000001 for 127.0.0.1.
    public init(v4 number: UInt32, port: UInt16) {
        self.init(family: 4, port: port, low: UInt64(number))
    }

    /// An IPv6 address as two numbers of eight bytes.
    public init(v6 high: UInt64, _ low: UInt64, port: UInt16, scope: UInt32 = 0) {
        self.init(family: 6, port: port, scope: scope, high: high, low: low)
    }

    /// Whether it is 0.0.0.0 or ::, which stands for every address.
    public var isWildcard: Bool { high == 0 && low == 0 }

    /// The same but for the port.
    func isSameHost(as other: InternetAddress) -> Bool {
        family == other.family && high == other.high && low == other.low
    }

    /// The IPv4 address that this IPv6 address maps (`::ffff:192.0.2.1`), else itself.
    @inline(never)
    public var unmapped: InternetAddress {
        guard family == 6, high == 0, low >> 32 == 0xffff else { return self }
        return InternetAddress(family: 4, port: port, low: low & 0xffff_ffff)
    }

    /// The IPv6 form of an IPv4 address; the wildcard, and IPv6, stay what they are.
    @inline(never)
    var mapped: InternetAddress {
        guard family == 4 else { return self }
        let low = isWildcard ? 0 : 0xffff << 32 | low
        return InternetAddress(family: 6, port: port, low: low)
    }
}

extension InternetAddress {
    /// nil for no address, which a socket that is not connected says of its peer.
    @inline(never)
    init?(_ raw: relevo_sys_address) {
        let bytes = raw.bytes
        let words = unsafe withUnsafeBytes(of: bytes) { bytes in
            unsafe (
                UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
                UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            )
        }
        switch raw.family {
        case 4: self.init(family: 4, port: raw.port, low: words.0 >> 32)
        case 6:
            self.init(family: 6, port: raw.port, scope: raw.scope, high: words.0, low: words.1)
        default: return nil
        }
    }

    @inline(never)
    var raw: relevo_sys_address {
        var raw = relevo_sys_address()
        raw.family = UInt16(family)
        raw.port = port
        raw.scope = scope
        let first = (family == 4 ? low << 32 : high).bigEndian
        let second = (family == 4 ? 0 : low).bigEndian
        unsafe withUnsafeMutableBytes(of: &raw.bytes) { bytes in
            unsafe bytes.storeBytes(of: first, as: UInt64.self)
            unsafe bytes.storeBytes(of: second, toByteOffset: 8, as: UInt64.self)
        }
        return raw
    }

    /// The address as the channel spells it: `192.0.2.7:4711`, `[2001:db8::7]:4711`.
    var text: [UInt8] {
        var room = [UInt8](repeating: 0, count: 64)
        var raw = raw
        let count = unsafe room.withUnsafeMutableBytes { room in
            unsafe room.withMemoryRebound(to: CChar.self) { room in
                unsafe relevo_sys_address_text(&raw, room.baseAddress)
            }
        }
        return room.piece(0, max(Int(count), 0))
    }

    /// Reads `192.0.2.7:4711` or `[2001:db8::7]:4711`; no names of hosts.
    @inline(never)
    init?(text: [UInt8]) {
        var raw = relevo_sys_address()
        guard unsafe relevo_sys_parse_address(text, text.count, &raw) == 0 else { return nil }
        self.init(raw)
    }
}
