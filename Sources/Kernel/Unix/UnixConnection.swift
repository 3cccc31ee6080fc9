import CKernel
import Glibc
import SystemPackage

/// One end of a connected local socket.
package struct UnixConnection: ~Copyable, Sendable, DescriptorHolder {
    private let descriptor: OwnedDescriptor

    /// Takes over a descriptor that is a connected local socket.
    package init(adopting descriptor: consuming OwnedDescriptor) { self.descriptor = descriptor }

    /// Connects to a listener of the same kind.
    package init(
        to address: UnixAddress, kind: UnixSocketKind, nonBlocking: Bool = false
    ) throws(KernelError) {
        let created = try createSocket(AF_UNIX, kind.type, nonBlocking: nonBlocking)
        let raw = try address.raw(for: "connect")
        let number = created.number
        try check("connect", on: "\(address)") {
            unsafe raw.withBytes { unsafe connect(number, $0, $1) }
        }
        descriptor = created
    }

    /// Who is at the other end: the process that connected or listened, as it was then.
    package borrowing func peerCredentials() throws(KernelError) -> PeerCredentials {
        let number = descriptor.number
        var raw = relevo_credentials()
        try check("getsockopt SO_PEERCRED") { unsafe relevo_peer_credentials(number, &raw) }
        return PeerCredentials(raw)
    }

    /// The supplementary groups of who is at the other end.
    package borrowing func peerGroups() throws(KernelError) -> [UInt32] {
        let number = descriptor.number
        var groups = [gid_t](repeating: 0, count: 64)
        while true {
            let count = try check("getsockopt SO_PEERGROUPS") {
                unsafe relevo_peer_groups(number, &groups, groups.count)
            }
            if count <= groups.count { return Array(groups.prefix(Int(count))) }
            groups = [gid_t](repeating: 0, count: Int(count))
        }
    }

    /// Sends one message with copies of these descriptors; false when the peer's queue is full.
    ///
    /// On a stream it is an error to send more than the queue takes (`messageTooLong`): what
    /// carries descriptors is short.
    package borrowing func send(
        _ bytes: [UInt8], descriptors: borrowing DescriptorList = DescriptorList()
    ) throws(KernelError) -> Bool {
        try send(bytes, numbers: descriptors.numbers)
    }

    /// Sends one message with copies of what these hold; false when the peer's queue is full.
    package borrowing func send(
        _ bytes: [UInt8], lending holders: [any DescriptorHolder]
    ) throws(KernelError) -> Bool {
        // The array keeps the holders alive until the call is over.
        try withExtendedLifetime(holders) { () throws(KernelError) in
            try send(bytes, numbers: holders.map { $0.withRaw { $0 } })
        }
    }

    private borrowing func send(_ bytes: [UInt8], numbers: [Int32]) throws(KernelError) -> Bool {
        let sent = try descriptor.sendMessage(bytes, descriptors: numbers)
        guard let sent else { return false }
        guard sent == bytes.count else { throw KernelError("sendmsg", .messageTooLong) }
        return true
    }

    /// Asks for room for so many bytes of messages that wait for the peer, past the system's limit where
    /// privileged.
    package borrowing func growSendBuffer(to bytes: Int) throws(KernelError) {
        try Kernel.growSendBuffer(of: descriptor.number, to: bytes)
    }

    /// Takes one message and at most so many descriptors; nil when there is none.
    package borrowing func receive(
        upTo capacity: Int, descriptors wanted: Int = 0
    ) throws(KernelError) -> MessageWithDescriptors? {
        try descriptor.receiveMessage(upTo: capacity, descriptors: wanted)
    }

    package borrowing func withRaw<Result: ~Copyable, Failure: Error>(
        _ body: (Int32) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try descriptor.withRaw(body)
    }

    /// Gives the descriptor away, still owned.
    package consuming func intoDescriptor() -> OwnedDescriptor { descriptor }
}

extension UnixConnection {
    /// Whether it is a local socket for whole messages: another's descriptor may be anything.
    package borrowing func isSequencedPacket() throws(KernelError) -> Bool {
        guard try mayBeRead() else { return false }
        return try withRaw { (number) throws(KernelError) in
            let none: Int32 = -1
            let domain = try option("getsockopt SO_DOMAIN", of: number, SO_DOMAIN, initial: none)
            let type = try option("getsockopt SO_TYPE", of: number, SO_TYPE, initial: none)
            return domain == AF_UNIX && type == Int32(SOCK_SEQPACKET.rawValue)
        }
    }
}

/// A message that waits to be received.
package enum WaitingMessage: Sendable {
    /// Its bytes; of one that is longer than asked for, its beginning.
    case bytes([UInt8])
    /// The other end is gone; an empty message looks the same.
    case end
}

extension UnixConnection {
    /// Looks at the message that is received next, without its descriptors; nil when none waits.
    package borrowing func peek(upTo capacity: Int) throws(KernelError) -> WaitingMessage? {
        try withRaw { (number) throws(KernelError) in
            var bytes = [UInt8](repeating: 0, count: capacity)
            let count = try checkUnlessBlocked("recv") {
                unsafe bytes.withUnsafeMutableBytes {
                    unsafe recv(
                        number, $0.baseAddress, $0.count,
                        Int32(MSG_PEEK) | Int32(MSG_DONTWAIT))
                }
            }
            guard let count else { return nil }
            bytes.removeLast(capacity - count)
            return count == 0 ? .end : .bytes(bytes)
        }
    }
}

extension UnixConnection {
    /// Linux 6.5, newer than some C libraries' headers.
    private static let peerDescriptor: Int32 = 77

    /// The process that connected; where an older kernel does not tell, it is looked up by its number
    /// and may have become another one.
    package borrowing func peerProcess() throws(KernelError) -> ProcessHandle {
        do throws(KernelError) {
            return try withRaw { (number) throws(KernelError) in
                ProcessHandle(
                    adopting: OwnedDescriptor(
                        adopting: try option(
                            "getsockopt SO_PEERPIDFD", of: number, Self.peerDescriptor,
                            initial: Int32(-1))))
            }
        } catch {
            guard error.errno == .protocolNotAvailable else { throw error }
            return try ProcessHandle(opening: try peerCredentials().pid)
        }
    }
}

/// Who is at the other end of a local socket, as the kernel knows it.
package struct PeerCredentials: Hashable, Sendable {
    /// 0 for a process of another pid namespace.
    package let pid: Int32
    package let uid: UInt32
    package let gid: UInt32

    /// As the kernel would tell them.
    package init(pid: Int32, uid: UInt32, gid: UInt32) {
        self.pid = pid
        self.uid = uid
        self.gid = gid
    }

    init(_ raw: relevo_credentials) {
        pid = raw.pid
        uid = raw.uid
        gid = raw.gid
    }
}

/// Both ends of a connection without an address, to be taken one by one; an end that nobody takes
/// is closed.
package struct UnixConnectionPair: ~Copyable {
    private var first: OwnedDescriptor?
    private var second: OwnedDescriptor?

    /// Only the first end may be made non-blocking: the second goes to another program.
    package init(kind: UnixSocketKind, nonBlockingFirst: Bool = false) throws(KernelError) {
        let type = Int32(kind.type.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        var ends: [Int32] = [-1, -1]
        try check("socketpair") { unsafe socketpair(AF_UNIX, type, 0, &ends) }
        first = OwnedDescriptor(adopting: ends[0])
        second = OwnedDescriptor(adopting: ends[1])
        if nonBlockingFirst { try first?.setNonBlocking(true) }
    }

    /// One end; taken once.
    package mutating func takeFirst() -> UnixConnection {
        guard let end = first.take() else { preconditionFailure("the end is taken already") }
        return UnixConnection(adopting: end)
    }

    /// The other end; taken once.
    package mutating func takeSecond() -> UnixConnection {
        guard let end = second.take() else { preconditionFailure("the end is taken already") }
        return UnixConnection(adopting: end)
    }
}

/// What a connected local socket carries.
package enum UnixSocketKind: Hashable, Sendable {
    /// Bytes without borders.
    case stream
    /// Whole messages, in order.
    case sequencedPacket

    var type: __socket_type {
        switch self {
        case .stream: SOCK_STREAM
        case .sequencedPacket: SOCK_SEQPACKET
        }
    }
}
