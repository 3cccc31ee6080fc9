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
        let count = UInt16(clamping: instructions.count)
        var filters = instructions.map {
            sock_filter(code: $0.code, jt: $0.whenTrue, jf: $0.whenFalse, k: $0.operand)
        }
        try withRaw { (number) throws(KernelError) in
            _ = try check("setsockopt SO_ATTACH_REUSEPORT_CBPF") {
                unsafe filters.withUnsafeMutableBufferPointer { buffer in
                    var program = unsafe sock_fprog(len: count, filter: buffer.baseAddress)
                    return unsafe setsockopt(
                        number, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program,
                        socklen_t(MemoryLayout<sock_fprog>.size))
                }
            }
        }
    }

    /// Lets others of the same user that ask for it as well take its address (SO_REUSEPORT): bound alone, it
    /// is the first of a group from the next bind on.
    package borrowing func sharePort() throws(KernelError) {
        try set("setsockopt SO_REUSEPORT", SO_REUSEPORT, to: 1)
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
