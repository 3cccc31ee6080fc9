import SystemPackage

extension KernelError {
    /// The message is longer than the socket takes.
    package var isTooLong: Bool { errno == .messageTooLong }
}
