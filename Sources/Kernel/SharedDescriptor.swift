import Glibc

/// A file descriptor with several owners, closed when the last one goes away.
package final class SharedDescriptor: DescriptorHolder, Sendable {
    private let descriptor: OwnedDescriptor

    /// Takes over a descriptor.
    package init(_ descriptor: consuming OwnedDescriptor) { self.descriptor = descriptor }

    /// A duplicate of what a holder has.
    package init(
        duplicateOf holder: borrowing some DescriptorHolder & ~Copyable
    ) throws(KernelError) {
        descriptor = try holder.duplicateDescriptor()
    }

    package func withRaw<Result: ~Copyable, Failure: Error>(
        _ body: (Int32) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try descriptor.withRaw(body)
    }
}

extension DescriptorHolder where Self: ~Copyable {
    /// Whether it is a socket that others can connect to.
    package borrowing func isListening() throws(KernelError) -> Bool {
        try withRaw { (number) throws(KernelError) in
            try option("getsockopt SO_ACCEPTCONN", of: number, SO_ACCEPTCONN, initial: Int32(0))
                != 0
        }
    }

    /// Whether read(2) is among what it was opened for: another's descriptor may be anything.
    package borrowing func mayBeRead() throws(KernelError) -> Bool {
        try withRaw { (number) throws(KernelError) in
            let flags = try check("fcntl F_GETFL") { fcntl(number, F_GETFL) }
            return flags & openPathOnly == 0 && flags & O_ACCMODE != O_WRONLY
        }
    }
}

/// O_PATH, which glibc shows to those only that ask for its extensions.
private let openPathOnly: Int32 = 0o10000000

/// A descriptor that this process was started with, CLOEXEC from now on; nil when there is none.
package func inheritedDescriptor(_ number: Int32) -> OwnedDescriptor? {
    guard fcntl(number, F_SETFD, FD_CLOEXEC) == 0 else { return nil }
    return OwnedDescriptor(adopting: number)
}
