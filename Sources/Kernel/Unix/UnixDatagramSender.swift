import Glibc

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
