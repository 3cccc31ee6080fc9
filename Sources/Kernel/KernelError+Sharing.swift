import SystemPackage

extension KernelError {
    /// Whether another socket has the address.
    package var isAddressInUse: Bool { errno == .addressInUse }

    /// Whether a message with descriptors may go through a little later: memory is short, or too
    /// many of this user's are under way (unix(7), ETOOMANYREFS).
    package var isPassing: Bool {
        [.noBufferSpace, .noMemory, .tooManyReferences].contains(errno)
    }
}
