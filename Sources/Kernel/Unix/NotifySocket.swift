import CKernel
import Glibc

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
