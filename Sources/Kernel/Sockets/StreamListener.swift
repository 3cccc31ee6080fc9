import CKernel
import Glibc
import SystemPackage

/// A TCP socket that others connect to.
///
/// In a reuseport group the steering program is attached to the first one before the second one
/// listens.
package struct StreamListener: ~Copyable, Sendable, DescriptorHolder {
    let descriptor: OwnedDescriptor

    /// Takes over a descriptor that is a TCP listener.
    package init(adopting descriptor: consuming OwnedDescriptor) { self.descriptor = descriptor }

    /// A socket of the address's family with its options set, not bound and not listening yet.
    package init(
        for address: SocketAddress, options: StreamListenerOptions = StreamListenerOptions()
    ) throws(KernelError) {
        let created = try createSocket(
            address.isIPv6 ? AF_INET6 : AF_INET, SOCK_STREAM, nonBlocking: options.nonBlocking)
        let number = created.number
        if options.reuseAddress {
            try setOption("setsockopt SO_REUSEADDR", of: number, SO_REUSEADDR, to: Int32(1))
        }
        if options.reusePort {
            try setOption("setsockopt SO_REUSEPORT", of: number, SO_REUSEPORT, to: Int32(1))
        }
        if address.isIPv6, let v6Only = options.v6Only {
            try setOption(
                "setsockopt IPV6_V6ONLY", of: number, level: Int32(IPPROTO_IPV6), IPV6_V6ONLY,
                to: Int32(v6Only ? 1 : 0))
        }
        try applyBindOptions(
            to: number, isIPv6: address.isIPv6, freeBind: options.freeBind,
            transparent: options.transparent)
        try bindToInterface(number, options.interface)
        descriptor = created
    }

    /// A listener created, bound and listening in one go.
    package static func bound(
        to address: SocketAddress, options: StreamListenerOptions = StreamListenerOptions()
    ) throws(KernelError) -> StreamListener {
        let listener = try StreamListener(for: address, options: options)
        try listener.bind(to: address)
        try listener.listen(backlog: options.backlog)
        return listener
    }

    /// Gives it an address; port 0 lets the kernel pick one, told by `localAddress()`.
    package borrowing func bind(to address: SocketAddress) throws(KernelError) {
        let number = descriptor.number
        let raw = RawSocketAddress(address)
        try check("bind", on: "\(address)") {
            unsafe raw.withBytes { unsafe Glibc.bind(number, $0, $1) }
        }
    }

    /// Lets others connect from here on; called again it changes the backlog.
    package borrowing func listen(backlog: Int32) throws(KernelError) {
        let number = descriptor.number
        try check("listen") { Glibc.listen(number, backlog) }
    }

    /// Lets nobody connect any more, whoever else has the listener; connections that wait are reset, or
    /// moved to others of its group where the kernel does that.
    package borrowing func stopListening() throws(KernelError) {
        let number = descriptor.number
        try check("shutdown") { shutdown(number, Int32(SHUT_RDWR)) }
    }

    /// The address it is bound to.
    package borrowing func localAddress() throws(KernelError) -> SocketAddress {
        let number = descriptor.number
        let found = try unsafe address("getsockname") { unsafe getsockname(number, $0, $1) }
        guard let found else { throw KernelError("getsockname", .addressFamilyNotSupported) }
        return found
    }

    /// Connections that are complete and not accepted yet.
    package borrowing func acceptQueueLength() throws(KernelError) -> Int {
        let words = try option(
            "getsockopt TCP_INFO", of: descriptor.number, level: Int32(IPPROTO_TCP), TCP_INFO,
            initial: ListenerInfo())
        return Int(words.unacknowledged)
    }

    /// Takes one connection, non-blocking; nil when none waits. On a blocking listener it waits.
    package borrowing func accept() throws(KernelError) -> StreamConnection? {
        guard let accepted = try descriptor.acceptConnection() else { return nil }
        return StreamConnection(adopting: accepted)
    }

    package borrowing func withRaw<Result: ~Copyable, Failure: Error>(
        _ body: (Int32) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try descriptor.withRaw(body)
    }

    /// A second descriptor of the same listener, sharing its queue and its flags.
    package borrowing func duplicate() throws(KernelError) -> StreamListener {
        StreamListener(adopting: try descriptor.duplicate())
    }

    /// Gives the descriptor away, still owned.
    package consuming func intoDescriptor() -> OwnedDescriptor { descriptor }
}

/// The first words of `struct tcp_info`: of a listener, `tcpi_unacked` is its accept queue.
private struct ListenerInfo: BitwiseCopyable {
    var state: UInt64 = 0
    var retransmitTimeout: UInt32 = 0
    var acknowledgeTimeout: UInt32 = 0
    var sendSegment: UInt32 = 0
    var receiveSegment: UInt32 = 0
    var unacknowledged: UInt32 = 0
}

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
    /// The number of the interface that it hears alone (SO_BINDTOIFINDEX); 0 for every one.
    package var interface: Int32

    package init(
        reusePort: Bool = true, reuseAddress: Bool = true, v6Only: Bool? = nil,
        nonBlocking: Bool = false, backlog: Int32 = 4096,
        freeBind: Bool = false, transparent: Bool = false, interface: Int32 = 0
    ) {
        self.reusePort = reusePort
        self.reuseAddress = reuseAddress
        self.v6Only = v6Only
        self.nonBlocking = nonBlocking
        self.freeBind = freeBind
        self.transparent = transparent
        self.backlog = backlog
        self.interface = interface
    }
}

extension OwnedDescriptor {
    /// Takes one connection off a listener; nil when none waits or the one that did is gone.
    borrowing func acceptConnection(nonBlocking: Bool = true) throws(KernelError)
        -> OwnedDescriptor?
    {
        let number = self.number
        do throws(KernelError) {
            let accepted = try checkUnlessBlocked("accept4") {
                relevo_accept(number, nonBlocking ? 1 : 0)
            }
            return accepted.map { OwnedDescriptor(adopting: $0) }
        } catch {
            guard error.errno == .connectionAbort else { throw error }
            return nil
        }
    }
}
