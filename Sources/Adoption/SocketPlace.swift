package import Kernel

/// Where a socket is, or is to be: an address, and for IPv6 whether IPv4 is left alone.
package struct SocketPlace: Hashable, Sendable {
    package let address: SocketAddress
    /// Matters for a wildcard of IPv6 alone.
    package let v6Only: Bool
    package let isStream: Bool

    package init(_ address: SocketAddress, v6Only: Bool, isStream: Bool) {
        self.address = address
        self.v6Only = v6Only && address.isIPv6 && address.isWildcard
        self.isStream = isStream
    }

    /// Where a listener has to be for a program that binds `wanted`: as much of the listener as the
    /// program would get, in the program's family; nil where the two have nothing in common.
    ///
    /// The listener says what is served, the program how: who binds every address gets the listener's,
    /// who binds one of those that the listener has gets that one.
    package func meeting(_ wanted: SocketPlace) -> SocketPlace? {
        guard isStream == wanted.isStream, address.port == wanted.address.port else { return nil }
        if self == wanted { return self }
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
                .ipv6(0xFFFF << 32 | UInt128(bits), port: port, scope: 0), v6Only: false,
                isStream: isStream)
        case (.ipv6, .ipv6):
            if !address.isWildcard { return self }
            return v6Only ? self : wanted
        case (.ipv6, .ipv4): return address.isWildcard && !v6Only ? wanted : nil
        }
    }

    /// Whether it is every address of IPv4, written as one of IPv6: `[::ffff:0.0.0.0]`.
    private var isMappedWildcard: Bool { address.isIPv6 && address.unmapped.isWildcard }
}
