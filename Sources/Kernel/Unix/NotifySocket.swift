import CKernel
import Glibc
import SystemPackage

/// The socket that services report to with sd_notify(3); every message tells who sent it.
package struct NotifySocket: ~Copyable, Sendable, DescriptorHolder {
    private let descriptor: OwnedDescriptor

    /// Takes over a descriptor that is such a socket.
    package init(adopting descriptor: consuming OwnedDescriptor) { self.descriptor = descriptor }

    /// Binds it, non-blocking; a dead socket's file is replaced, a live one is `addressInUse`.
    package init(at address: UnixAddress, mode: UInt32 = 0o600) throws(KernelError) {
        let bound = try boundUnixSocket(SOCK_DGRAM, at: address, mode: mode, nonBlocking: true)
        // Before anybody learns the address: a message queued without it has no credentials.
        try setOption("setsockopt SO_PASSCRED", of: bound.number, SO_PASSCRED, to: Int32(1))
        descriptor = bound
    }

    /// Takes one message and at most so many descriptors; nil when there is none.
    package borrowing func receive(
        upTo capacity: Int = 4096, descriptors wanted: Int = 0
    ) throws(KernelError) -> MessageWithDescriptors? {
        try descriptor.receiveMessage(upTo: capacity, descriptors: wanted)
    }

    package borrowing func withRaw<Result: ~Copyable, Failure: Error>(
        _ body: (Int32) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try descriptor.withRaw(body)
    }
}

/// Sends one message to a notify socket, in the name of another process where privileged.
package func sendNotification(
    _ text: String, to address: UnixAddress,
    descriptors: borrowing DescriptorList = DescriptorList(),
    asProcess pid: Int32? = nil
) throws(KernelError) {
    let socket = try createSocket(AF_UNIX, SOCK_DGRAM)
    let raw = try address.raw(for: "sendmsg")
    let credentials = pid.map { relevo_credentials(pid: $0, uid: getuid(), gid: getgid()) }
    let sent = try socket.sendMessage(
        Array(text.utf8), descriptors: descriptors.numbers, to: raw, as: credentials,
        on: "\(address)")
    guard sent != nil else { throw KernelError("sendmsg", .wouldBlock, on: "\(address)") }
}

/// The sending end of a datagram socket that somebody else has bound, never blocking.
///
/// It is connected, so that it polls writable when the receiver's queue has room.
package struct UnixDatagramSender: ~Copyable, Sendable, DescriptorHolder {
    private let descriptor: OwnedDescriptor

    package init(to address: UnixAddress) throws(KernelError) {
        let created = try createSocket(AF_UNIX, SOCK_DGRAM, nonBlocking: true)
        let raw = try address.raw(for: "connect")
        let number = created.number
        try check("connect", on: "\(address)") {
            unsafe raw.withBytes { unsafe connect(number, $0, $1) }
        }
        descriptor = created
    }

    /// Sends one message with copies of these descriptors; false when the receiver's queue is full.
    package borrowing func send(
        _ bytes: [UInt8], descriptors: borrowing DescriptorList = DescriptorList()
    ) throws(KernelError) -> Bool {
        try descriptor.sendMessage(bytes, descriptors: descriptors.numbers) != nil
    }

    /// Asks for room for messages of this size.
    package borrowing func growSendBuffer(to bytes: Int) throws(KernelError) {
        try Kernel.growSendBuffer(of: descriptor.number, to: bytes)
    }

    package borrowing func withRaw<Result: ~Copyable, Failure: Error>(
        _ body: (Int32) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try descriptor.withRaw(body)
    }
}
