import Glibc

/// A descriptor that this process was started with and that is left to another program.
package struct InheritedNumber: DescriptorHolder, Sendable {
    private let number: Int32

    /// Nil when nothing is open at that number.
    package init?(_ number: Int32) {
        guard fcntl(number, F_GETFD) != -1 else { return nil }
        self.number = number
    }

    package func withRaw<Result: ~Copyable, Failure: Error>(
        _ body: (Int32) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(number)
    }
}
