import CKernel
import Glibc

extension ReuseportMember where Self: ~Copyable {
    /// Makes a loaded eBPF program choose the socket in this reuseport group, at once and for all
    /// that arrives from here on.
    package borrowing func attachSteering(
        program: borrowing some DescriptorHolder & ~Copyable
    ) throws(KernelError) {
        try program.withRaw { (program) throws(KernelError) in
            try set("setsockopt SO_ATTACH_REUSEPORT_EBPF", SO_ATTACH_REUSEPORT_EBPF, to: program)
        }
    }

    /// Makes classic BPF choose the socket in this reuseport group by its index in bind order.
    package borrowing func attachSteering(
        instructions: [ClassicInstruction]
    ) throws(KernelError) {
        try attach(
            instructions, by: SO_ATTACH_REUSEPORT_CBPF,
            call: "setsockopt SO_ATTACH_REUSEPORT_CBPF")
    }

    /// Leaves the choice in this reuseport group to the kernel's plain hash again (Linux 5.3).
    package borrowing func detachSteering() throws(KernelError) {
        try set("setsockopt SO_DETACH_REUSEPORT_BPF", SO_DETACH_REUSEPORT_BPF, to: 0)
    }

    private borrowing func set(
        _ call: StaticString, _ name: Int32, to value: Int32
    ) throws(KernelError) {
        try withRaw { (number) throws(KernelError) in
            try setOption(call, of: number, name, to: value)
        }
    }
}

extension DescriptorHolder where Self: ~Copyable {
    /// Lets others of the same user that ask for it as well take its address (SO_REUSEPORT): bound alone, it
    /// is the first of a group from the next bind on.
    package borrowing func sharePort() throws(KernelError) {
        try withRaw { (number) throws(KernelError) in
            try setOption("setsockopt SO_REUSEPORT", of: number, SO_REUSEPORT, to: Int32(1))
        }
    }

    /// Whether it does. While a member of a group does not, what finds it first goes to it, past the
    /// program.
    package borrowing func sharesPort() throws(KernelError) -> Bool {
        try withRaw { (number) throws(KernelError) in
            try option("getsockopt SO_REUSEPORT", of: number, SO_REUSEPORT, initial: Int32(0)) != 0
        }
    }
}
