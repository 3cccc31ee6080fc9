/// An address of UDP or TCP in IPv4 or IPv6, as numbers.
package enum NetworkAddress: Hashable, Codable, Sendable {
    case ipv4(UInt32, port: UInt16)
    case ipv6(high: UInt64, low: UInt64, port: UInt16, scope: UInt32)

    package var port: UInt16 {
        switch self {
        case .ipv4(_, let port): port
        case .ipv6(_, _, let port, _): port
        }
    }

    package var isIPv6: Bool {
        switch self {
        case .ipv4: false
        case .ipv6: true
        }
    }

    /// Whether it is every address of its family.
    package var isWildcard: Bool {
        switch self {
        case .ipv4(let bits, _): bits == 0
        case .ipv6(let high, let low, _, _): high == 0 && low == 0
        }
    }

    /// The IPv4 address where an IPv6 one stands for it (RFC 4291, 2.5.5.2), else itself.
    package var unmapped: NetworkAddress {
        switch self {
        case .ipv6(0, let low, let port, _) where low >> 32 == 0xFFFF:
            .ipv4(UInt32(truncatingIfNeeded: low), port: port)
        case .ipv4, .ipv6: self
        }
    }
}

/// Where a socket is, or is to be: an address, and for IPv6 whether IPv4 is left alone.
package struct SocketPlace: Hashable, Codable, Sendable {
    package let address: NetworkAddress
    /// Matters for a wildcard of IPv6 alone.
    package let v6Only: Bool
    package let isStream: Bool
    /// The interface that it hears alone; nil for every one, and in records of before there was this.
    package let interface: String?
    /// As listeners are written, `udp://127.0.0.1:53`.
    package let text: String

    package init(
        _ address: NetworkAddress, v6Only: Bool, isStream: Bool, interface: String? = nil,
        text: String
    ) {
        self.address = address
        self.interface = interface
        self.v6Only = v6Only && address.isIPv6 && address.isWildcard
        self.isStream = isStream
        self.text = text
    }

    /// Whether it is the same place, however it is written.
    package func isSame(as other: SocketPlace) -> Bool {
        address == other.address && v6Only == other.v6Only && isStream == other.isStream
            && interface == other.interface
    }

    /// Where a listener has to be for a program that binds `wanted`: as much of the listener as the
    /// program would get, in the program's family; nil where the two have nothing in common.
    ///
    /// The listener says what is served, the program how: a program that binds every address gets the
    /// listener's; one that binds an address which the listener has gets that one. So it is with interfaces.
    package func meeting(_ wanted: SocketPlace) -> SocketPlace? {
        switch (interface, wanted.interface) {
        case (let one, let other) where one == other: return meetingAddress(wanted)
        case (nil, let one?): return at(one, as: wanted.text).meetingAddress(wanted)
        case (let one?, nil): return meetingAddress(wanted.at(one, as: wanted.text))
        default: return nil
        }
    }

    /// The same place at one interface.
    private func at(_ interface: String, as text: String) -> SocketPlace {
        SocketPlace(
            address, v6Only: v6Only, isStream: isStream, interface: interface, text: text)
    }

    /// The same where the interface is the same.
    private func meetingAddress(_ wanted: SocketPlace) -> SocketPlace? {
        guard isStream == wanted.isStream, address.port == wanted.address.port else { return nil }
        if isSame(as: wanted) { return self }
        if wanted.address.isWildcard { return narrowed(for: wanted) }
        let mapped = wanted.address.unmapped
        if mapped == address.unmapped { return wanted }
        guard address.isWildcard else {
            return wanted.isMappedWildcard ? narrowed(for: wanted) : nil
        }
        switch address {
        case .ipv4: return mapped.isIPv6 ? nil : wanted
        case .ipv6: return mapped.isIPv6 || !v6Only ? wanted : nil
        }
    }

    /// What a program that binds every address of its family has of this place.
    private func narrowed(for wanted: SocketPlace) -> SocketPlace? {
        switch (address, wanted.address) {
        case (.ipv4, .ipv4): return self
        case (.ipv4(let bits, let port), .ipv6):
            if wanted.v6Only { return nil }
            return SocketPlace(
                .ipv6(high: 0, low: 0xFFFF << 32 | UInt64(bits), port: port, scope: 0),
                v6Only: false, isStream: isStream, interface: interface, text: text)
        case (.ipv6, .ipv6):
            if !address.isWildcard { return self }
            return v6Only ? self : wanted
        case (.ipv6, .ipv4): return address.isWildcard && !v6Only ? wanted : nil
        }
    }

    /// Whether it is every address of IPv4, written as one of IPv6: `[::ffff:0.0.0.0]`.
    private var isMappedWildcard: Bool { address.isIPv6 && address.unmapped.isWildcard }
}
