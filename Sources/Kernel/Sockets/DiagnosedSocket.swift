import CKernel
import Glibc

/// What the kernel says of one socket.
package struct DiagnosedSocket: Sendable {
    private let raw: relevo_diagnosed

    init(_ raw: relevo_diagnosed) { self.raw = raw }

    /// As /proc names it among a process's descriptors; 0 for one that no process has.
    package var inode: UInt64 { raw.inode }
    package var state: SocketState? { SocketState(rawValue: raw.state) }
    package var uid: UInt32 { raw.uid }
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
