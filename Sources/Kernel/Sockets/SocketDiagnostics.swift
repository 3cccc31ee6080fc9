import CKernel
import Glibc

/// The kernel's table of sockets, all of this network namespace, read without any privilege (sock_diag(7)).
///
/// A dump comes in pieces of some 250 sockets, one a call, so that a reader may do other things between
/// them; the kernel looks for a piece when it is asked for it.
package struct SocketDiagnostics: ~Copyable {
    /// Which sockets are looked for.
    package struct Question: Hashable, Sendable {
        package var isIPv6: Bool
        package var isStream: Bool
        /// States of a TCP socket; those of UDP are `established` with a peer and `closed` without.
        package var states: Set<SocketState>
        /// Of this port alone; nil for every one.
        package var localPort: UInt16?

        package init(
            isIPv6: Bool, isStream: Bool, states: Set<SocketState> = Set(SocketState.allCases),
            localPort: UInt16? = nil
        ) {
            self.isIPv6 = isIPv6
            self.isStream = isStream
            self.states = states
            self.localPort = localPort
        }

        /// With more ports than this one question for all costs less.
        private static let mostPorts = 8

        /// One question for each port, as the kernel passes over the others by itself; one for all where there are
        /// many, whose answers have other ports too.
        package static func questions(
            of ports: Set<UInt16>, isIPv6: Bool, isStream: Bool, states: Set<SocketState>
        ) -> [Question] {
            let asked: [UInt16?] = ports.count > mostPorts ? [nil] : ports.map { $0 }
            return asked.map {
                Question(isIPv6: isIPv6, isStream: isStream, states: states, localPort: $0)
            }
        }
    }

    private let descriptor: OwnedDescriptor
    private var room = [relevo_diagnosed](
        repeating: relevo_diagnosed(), count: Int(RELEVO_MOST_DIAGNOSED))

    package init() throws(KernelError) {
        self.init(
            adopting: try check("socket NETLINK_SOCK_DIAG") { relevo_diagnostics_open() })
    }

    // Apart, for Swift 6.2 compiles no initializer that fails when a part has its value already.
    private init(adopting number: Int32) {
        descriptor = OwnedDescriptor(adopting: number)
    }

    /// Begins a dump; the one before it must have come to its end.
    package borrowing func ask(_ question: Question) throws(KernelError) {
        let states = question.states.reduce(0) { $0 | UInt32(1) << UInt32($1.rawValue) }
        let number = descriptor.number
        try check("send NETLINK_SOCK_DIAG") {
            relevo_diagnostics_ask(
                number, question.isIPv6 ? AF_INET6 : AF_INET,
                Int32(question.isStream ? IPPROTO_TCP : IPPROTO_UDP), states,
                question.localPort ?? 0)
        }
    }

    /// Takes the next piece.
    ///
    /// - Returns: whether there may be more.
    package mutating func take(
        _ body: (DiagnosedSocket) -> Void
    ) throws(KernelError) -> Bool {
        let number = descriptor.number
        var done: Int32 = 0
        let count = try unsafe room.withUnsafeMutableBufferPointer { (room) throws(KernelError) in
            try check("recv NETLINK_SOCK_DIAG") {
                unsafe relevo_diagnostics_take(number, room.baseAddress, &done)
            }
        }
        for one in room.prefix(count) { body(DiagnosedSocket(one)) }
        return done == 0
    }

    /// The whole of a dump.
    package mutating func all(
        _ question: Question, _ body: (DiagnosedSocket) -> Void
    ) throws(KernelError) {
        try ask(question)
        while try take(body) {}
    }
}

/// What the kernel says of one socket.
package struct DiagnosedSocket: Sendable {
    private let raw: relevo_diagnosed

    init(_ raw: relevo_diagnosed) { self.raw = raw }

    /// As /proc names it among a process's descriptors; 0 for one that no process has.
    package var inode: UInt64 { raw.inode }
    package var state: SocketState? { SocketState(rawValue: raw.state) }
    package var uid: UInt32 { raw.uid }
    /// The number of the interface that it is bound to, so that it hears no other; 0 for none.
    package var interface: Int32 { Int32(clamping: raw.interface) }
    package var hasInterface: Bool { interface != 0 }
    package var localPort: UInt16 { UInt16(bigEndian: raw.local_port) }
    /// Whether it is connected to one peer.
    package var hasPeer: Bool { raw.peer_port != 0 }
    package var local: SocketAddress { address(raw.local, localPort) }
    package var peer: SocketAddress { address(raw.peer, UInt16(bigEndian: raw.peer_port)) }

    private func address(_ bytes: Bytes, _ port: UInt16) -> SocketAddress {
        let bits = unsafe unsafeBitCast(bytes, to: UInt128.self)
        if Int32(raw.family) == AF_INET6 {
            return .ipv6(UInt128(bigEndian: bits), port: port, scope: 0)
        }
        // An IPv4 address is the first of four words.
        return .ipv4(UInt32(truncatingIfNeeded: UInt128(bigEndian: bits) >> 96), port: port)
    }

    private typealias Bytes = (
        UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8, UInt8,
        UInt8, UInt8, UInt8
    )
}
