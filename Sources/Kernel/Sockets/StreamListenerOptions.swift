/// What a TCP listener is born with.
package struct StreamListenerOptions: Sendable, Hashable {
    /// Member of a reuseport group.
    package var reusePort: Bool
    /// Takes the address though connections of a predecessor linger on it.
    package var reuseAddress: Bool
    /// Whether an IPv6 listener leaves IPv4 alone; nil leaves it to the system's setting.
    package var v6Only: Bool?
    /// May take an address that is not there yet (IP_FREEBIND).
    package var freeBind: Bool
    /// May take another machine's address (IP_TRANSPARENT, CAP_NET_ADMIN).
    package var transparent: Bool
    /// Off by default: the flag is shared with workers, which expect a blocking socket.
    package var nonBlocking: Bool
    /// Connections that may wait to be accepted; the kernel caps it at net.core.somaxconn.
    package var backlog: Int32

    package init(
        reusePort: Bool = true, reuseAddress: Bool = true, v6Only: Bool? = nil,
        nonBlocking: Bool = false, backlog: Int32 = 4096,
        freeBind: Bool = false, transparent: Bool = false
    ) {
        self.reusePort = reusePort
        self.reuseAddress = reuseAddress
        self.v6Only = v6Only
        self.nonBlocking = nonBlocking
        self.freeBind = freeBind
        self.transparent = transparent
        self.backlog = backlog
    }
}
