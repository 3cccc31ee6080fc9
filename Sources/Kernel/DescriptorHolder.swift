/// Something that owns one descriptor and can lend it: a socket, a pidfd, a timer.
package protocol DescriptorHolder: ~Copyable {
    /// Lends the number for one call; it must not be kept.
    borrowing func withRaw<Result: ~Copyable, Failure: Error>(
        _ body: (Int32) throws(Failure) -> Result
    ) throws(Failure) -> Result
}
