import Glibc

/// The addresses of the interfaces of this network namespace.
package enum InterfaceAddresses {
    /// Each once, without a port; none where they cannot be read.
    package static func all() -> [SocketAddress] {
        var first: UnsafeMutablePointer<ifaddrs>?
        guard unsafe getifaddrs(&first) == 0 else { return [] }
        defer { unsafe freeifaddrs(first) }
        var found: [SocketAddress] = []
        var next = unsafe first
        while let one = unsafe next {
            if let address = unsafe address(one.pointee.ifa_addr), !found.contains(address) {
                found.append(address)
            }
            unsafe next = one.pointee.ifa_next
        }
        return found
    }

    private static func address(_ raw: UnsafeMutablePointer<sockaddr>?) -> SocketAddress? {
        guard let raw = unsafe raw else { return nil }
        switch Int32(unsafe raw.pointee.sa_family) {
        case AF_INET:
            let bits = unsafe UnsafeRawPointer(raw).load(as: sockaddr_in.self).sin_addr.s_addr
            return .ipv4(UInt32(bigEndian: bits), port: 0)
        case AF_INET6:
            let bits = unsafe UnsafeRawPointer(raw).loadUnaligned(
                fromByteOffset: 8, as: UInt128.self)
            return .ipv6(UInt128(bigEndian: bits), port: 0, scope: 0)
        default: return nil
        }
    }
}
