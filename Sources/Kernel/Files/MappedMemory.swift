import Glibc
import SystemPackage

/// Memory shared with whatever a descriptor stands for, a BPF map say; unmapped with its owner.
@safe package struct MappedMemory: ~Copyable, @unchecked Sendable {
    /// The first byte; good as long as the owner lives.
    @unsafe package let base: UnsafeMutableRawPointer
    package let length: Int

    /// Maps the first `length` bytes for reading and writing.
    package init(
        of holder: borrowing some DescriptorHolder & ~Copyable, length: Int
    ) throws(KernelError) {
        let mapped: Int = try holder.withRaw { (number) throws(KernelError) in
            try check("mmap") {
                unsafe Int(
                    bitPattern: mmap(
                        nil, length, PROT_READ | PROT_WRITE, MAP_SHARED, number, 0))
            }
        }
        guard let base = unsafe UnsafeMutableRawPointer(bitPattern: mapped) else {
            throw KernelError("mmap", .noMemory)
        }
        unsafe self.base = base
        self.length = length
    }

    deinit { unsafe munmap(base, length) }
}
