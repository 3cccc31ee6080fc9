import CKernel
import Glibc

/// A file descriptor with one owner, closed when the owner goes away.
package struct OwnedDescriptor: ~Copyable, Sendable, DescriptorHolder {
    /// The number, for calls made within this module.
    let number: Int32

    /// Takes over a descriptor that nobody else will close.
    package init(adopting number: Int32) {
        precondition(number >= 0, "adopting a descriptor that does not exist")
        self.number = number
    }

    deinit { close(number) }

    /// Lends the number for one call; it must not be kept.
    package borrowing func withRaw<Result: ~Copyable, Failure: Error>(
        _ body: (Int32) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(number)
    }

    /// Gives the number away: closing it is the caller's business from here on.
    package consuming func release() -> Int32 {
        let released = number
        discard self
        return released
    }

    /// A second descriptor of the same open description, born CLOEXEC.
    package borrowing func duplicate() throws(KernelError) -> OwnedDescriptor {
        let number = self.number
        return OwnedDescriptor(
            adopting: try check("fcntl F_DUPFD_CLOEXEC") { fcntl(number, F_DUPFD_CLOEXEC, 3) })
    }
}

/// Something that owns one descriptor and can lend it: a socket, a pidfd, a timer.
package protocol DescriptorHolder: ~Copyable {
    /// Lends the number for one call; it must not be kept.
    borrowing func withRaw<Result: ~Copyable, Failure: Error>(
        _ body: (Int32) throws(Failure) -> Result
    ) throws(Failure) -> Result
}

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
let openPathOnly: Int32 = 0o10000000

/// A descriptor that this process was started with, CLOEXEC from now on; nil when there is none.
package func inheritedDescriptor(_ number: Int32) -> OwnedDescriptor? {
    guard fcntl(number, F_SETFD, FD_CLOEXEC) == 0 else { return nil }
    return OwnedDescriptor(adopting: number)
}

/// A descriptor that another process has sent, with several owners; letting go of it never waits,
/// whatever it was told to do when it is closed.
package final class ForeignDescriptor: DescriptorHolder, Sendable {
    private let number: Int32

    /// Takes over a descriptor.
    package init(_ descriptor: consuming OwnedDescriptor) { number = descriptor.release() }

    deinit { relevo_close_foreign(number) }

    package func withRaw<Result: ~Copyable, Failure: Error>(
        _ body: (Int32) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(number)
    }
}
