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

extension OwnedDescriptor {
    /// Makes a loaded eBPF program choose the socket in the reuseport group of this one.
    package borrowing func steerGroup(
        program: borrowing some DescriptorHolder & ~Copyable
    ) throws(KernelError) {
        try attachSteering(program: program)
    }

    /// Makes classic BPF choose the socket in the reuseport group of this one, by bind order.
    package borrowing func steerGroup(
        instructions: [ClassicInstruction]
    ) throws(KernelError) {
        try attachSteering(instructions: instructions)
    }
}
