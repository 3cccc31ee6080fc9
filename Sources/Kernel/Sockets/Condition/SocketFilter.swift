import CKernel
import Glibc

extension DescriptorHolder where Self: ~Copyable {
    /// Has classic BPF say of each datagram how many bytes of it are kept, 0 for none at all; takes the
    /// place of a filter that is there. Offset 0 is the UDP header (socket(7), SO_ATTACH_FILTER).
    ///
    /// - Throws: EPERM where the filter is locked.
    package borrowing func attachFilter(_ instructions: [ClassicInstruction]) throws(KernelError) {
        try attach(
            instructions, by: SO_ATTACH_FILTER, call: "setsockopt SO_ATTACH_FILTER")
    }

    /// Has an eBPF program of the type for socket filters do that.
    package borrowing func attachFilter(
        program: borrowing some DescriptorHolder & ~Copyable
    ) throws(KernelError) {
        try program.withRaw { (program) throws(KernelError) in
            try withRaw { (number) throws(KernelError) in
                try setOption("setsockopt SO_ATTACH_BPF", of: number, SO_ATTACH_BPF, to: program)
            }
        }
    }

    /// Nobody changes the filter from here on, or attaches a program of steering through this socket:
    /// we neither.
    package borrowing func lockFilter() throws(KernelError) {
        try withRaw { (number) throws(KernelError) in
            try setOption("setsockopt SO_LOCK_FILTER", of: number, SO_LOCK_FILTER, to: Int32(1))
        }
    }

    /// Hands a program of classic BPF to a socket option that takes one.
    borrowing func attach(
        _ instructions: [ClassicInstruction], by option: Int32, call: StaticString
    ) throws(KernelError) {
        let count = UInt16(clamping: instructions.count)
        var filters = instructions.map {
            sock_filter(code: $0.code, jt: $0.whenTrue, jf: $0.whenFalse, k: $0.operand)
        }
        try withRaw { (number) throws(KernelError) in
            _ = try check(call) {
                unsafe filters.withUnsafeMutableBufferPointer { buffer in
                    var program = unsafe sock_fprog(len: count, filter: buffer.baseAddress)
                    return unsafe setsockopt(
                        number, SOL_SOCKET, option, &program,
                        socklen_t(MemoryLayout<sock_fprog>.size))
                }
            }
        }
    }
}
