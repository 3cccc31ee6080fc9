import CKernel

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
