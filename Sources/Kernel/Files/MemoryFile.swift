import CKernel
import Glibc
import SystemPackage

/// A file without a name that lives in memory while somebody has it open (memfd).
package struct MemoryFile: ~Copyable, Sendable, DescriptorHolder {
    private let descriptor: OwnedDescriptor

    /// The name is seen in /proc only.
    package init(named name: String) throws(KernelError) {
        descriptor = OwnedDescriptor(
            adopting: try check("memfd_create", on: name) { unsafe relevo_memory_file(name) })
    }

    /// Takes over a descriptor that is a memory file, such as one that a predecessor handed on.
    package init(adopting descriptor: consuming OwnedDescriptor) { self.descriptor = descriptor }

    /// Makes these bytes all that is in it.
    package borrowing func replaceContents(with bytes: [UInt8]) throws(KernelError) {
        try write(bytes, at: 0)
        let number = descriptor.number
        try check("ftruncate memfd") { ftruncate(number, off_t(bytes.count)) }
    }

    /// Puts bytes at an offset; the file grows where needed.
    package borrowing func write(_ bytes: [UInt8], at offset: Int) throws(KernelError) {
        let number = descriptor.number
        var written = 0
        while written < bytes.count {
            written += try check("pwrite memfd") {
                unsafe bytes.withUnsafeBytes {
                    let rest = unsafe UnsafeRawBufferPointer(rebasing: $0[written...])
                    return unsafe pwrite(
                        number, rest.baseAddress, rest.count, off_t(offset + written))
                }
            }
        }
    }

    /// The bytes at an offset, fewer at the file's end.
    package borrowing func read(
        upTo count: Int, at offset: Int
    ) throws(KernelError) -> [UInt8] {
        let number = descriptor.number
        var bytes = [UInt8](repeating: 0, count: count)
        let got = try check("pread memfd") {
            unsafe bytes.withUnsafeMutableBytes {
                unsafe pread(number, $0.baseAddress, $0.count, off_t(offset))
            }
        }
        bytes.removeLast(count - got)
        return bytes
    }

    /// All that is in it.
    package borrowing func contents() throws(KernelError) -> [UInt8] {
        try readAll(of: descriptor.number, from: 0)
    }

    package borrowing func withRaw<Result: ~Copyable, Failure: Error>(
        _ body: (Int32) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try descriptor.withRaw(body)
    }

    /// A second descriptor of the same file.
    package borrowing func duplicate() throws(KernelError) -> MemoryFile {
        MemoryFile(adopting: try descriptor.duplicate())
    }

    /// Gives the descriptor away, still owned.
    package consuming func intoDescriptor() -> OwnedDescriptor { descriptor }
}

extension MemoryFile {
    /// All that is in it; nil when it is longer than the limit, or no file at all.
    package borrowing func contents(upTo limit: Int) throws(KernelError) -> [UInt8]? {
        let size = try withRaw { (number) throws(KernelError) in
            var status = stat()
            try check("fstat") { unsafe fstat(number, &status) }
            return status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) : Int.max
        }
        guard size <= limit else { return nil }
        return try contents()
    }

    /// Cuts it or fills it up with zeroes.
    package borrowing func setLength(_ length: Int) throws(KernelError) {
        try withRaw { (number) throws(KernelError) in
            _ = try check("ftruncate memfd") { ftruncate(number, off_t(length)) }
        }
    }
}

/// Memory shared with what a descriptor stands for, such as a BPF map; unmapped with its owner.
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

    /// Maps `length` bytes from an offset on, a multiple of the page, for reading alone.
    package init(
        reading holder: borrowing some DescriptorHolder & ~Copyable, from offset: Int, length: Int
    ) throws(KernelError) {
        let mapped: Int = try holder.withRaw { (number) throws(KernelError) in
            try check("mmap") {
                unsafe Int(
                    bitPattern: mmap(nil, length, PROT_READ, MAP_SHARED, number, off_t(offset)))
            }
        }
        guard let base = unsafe UnsafeMutableRawPointer(bitPattern: mapped) else {
            throw KernelError("mmap", .noMemory)
        }
        unsafe self.base = base
        self.length = length
    }

    /// What the memory of the machine is divided into.
    package static var page: Int { sysconf(Int32(_SC_PAGESIZE)) }

    deinit { unsafe munmap(base, length) }
}
