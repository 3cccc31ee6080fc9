import CKernel
import Glibc

extension DatagramSocket {
    /// Makes a loaded eBPF program choose the socket in this reuseport group, at once and for
    /// every datagram from here on.
    package borrowing func attachSteering(
        program: borrowing some DescriptorHolder & ~Copyable
    ) throws(KernelError) {
        try descriptor.attachSteering(program: program)
    }

    /// Makes classic BPF choose the socket in this reuseport group by its index in bind order.
    package borrowing func attachSteering(
        instructions: [ClassicInstruction]
    ) throws(KernelError) {
        try descriptor.attachSteering(instructions: instructions)
    }

    /// Leaves the choice in this reuseport group to the kernel's plain hash again (Linux 5.3).
    package borrowing func detachSteering() throws(KernelError) {
        try setOption(
            "setsockopt SO_DETACH_REUSEPORT_BPF", of: descriptor.number, SO_DETACH_REUSEPORT_BPF,
            to: Int32(0))
    }
}

extension OwnedDescriptor {
    borrowing func attachSteering(
        program: borrowing some DescriptorHolder & ~Copyable
    ) throws(KernelError) {
        let number = self.number
        try program.withRaw { (program) throws(KernelError) in
            try setOption(
                "setsockopt SO_ATTACH_REUSEPORT_EBPF", of: number, SO_ATTACH_REUSEPORT_EBPF,
                to: program)
        }
    }

    borrowing func attachSteering(instructions: [ClassicInstruction]) throws(KernelError) {
        let number = self.number
        var filters = instructions.map {
            sock_filter(code: $0.code, jt: $0.whenTrue, jf: $0.whenFalse, k: $0.operand)
        }
        try check("setsockopt SO_ATTACH_REUSEPORT_CBPF") {
            unsafe filters.withUnsafeMutableBufferPointer { buffer in
                var program = unsafe sock_fprog(
                    len: UInt16(clamping: buffer.count), filter: buffer.baseAddress)
                return unsafe setsockopt(
                    number, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program,
                    socklen_t(MemoryLayout<sock_fprog>.size))
            }
        }
    }
}
