package import Kernel

/// Where a socket is, or is to be: an address, and for IPv6 whether IPv4 is left alone.
package struct SocketPlace: Hashable, Sendable {
    package let address: SocketAddress
    /// Matters for a wildcard of IPv6 alone.
    package let v6Only: Bool
    package let isStream: Bool
    /// The interface that it hears alone; nil for every one.
    package let interface: String?

    package init(
        _ address: SocketAddress, v6Only: Bool, isStream: Bool, interface: String? = nil
    ) {
        self.address = address
        self.interface = interface
        self.v6Only = v6Only && address.isIPv6 && address.isWildcard
        self.isStream = isStream
    }
}
