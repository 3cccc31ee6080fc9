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
