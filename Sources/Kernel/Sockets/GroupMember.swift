import Glibc

extension DescriptorHolder where Self: ~Copyable {
    /// A second descriptor of the same open description, born CLOEXEC.
    package borrowing func duplicateDescriptor() throws(KernelError) -> OwnedDescriptor {
        try withRaw { (number) throws(KernelError) in
            OwnedDescriptor(
                adopting: try check("fcntl F_DUPFD_CLOEXEC") { fcntl(number, F_DUPFD_CLOEXEC, 3) })
        }
    }
}

/// A socket of a reuseport group, of whatever kind, by which the group can be reached.
package struct GroupMember: ~Copyable, Sendable, ReuseportMember {
    private let descriptor: OwnedDescriptor

    /// A descriptor of our own: the socket stays in its group while we have it.
    package init(sharing socket: borrowing some DescriptorHolder & ~Copyable) throws(KernelError) {
        descriptor = try socket.duplicateDescriptor()
    }

    package borrowing func withRaw<Result: ~Copyable, Failure: Error>(
        _ body: (Int32) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try descriptor.withRaw(body)
    }
}
