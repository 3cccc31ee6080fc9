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
