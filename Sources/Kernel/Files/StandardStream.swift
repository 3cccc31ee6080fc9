/// The three descriptors that a process is born with; they belong to nobody and are never closed.
package enum StandardStream: Int32, DescriptorHolder, Sendable {
    case input = 0
    case output = 1
    case error = 2

    package borrowing func withRaw<Result: ~Copyable, Failure: Error>(
        _ body: (Int32) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(rawValue)
    }
}
