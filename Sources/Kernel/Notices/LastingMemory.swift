/// Memory of a fixed size that outlives this process: a successor that is given its file goes on in it.
@safe struct LastingMemory: ~Copyable, DescriptorHolder {
    private let file: MemoryFile
    private let mapped: MappedMemory

    /// Zeroes. The name is seen in /proc only.
    init(named name: String, size: Int) throws(KernelError) {
        let file = try MemoryFile(named: name)
        try file.write([UInt8](repeating: 0, count: size), at: 0)
        mapped = try MappedMemory(of: file, length: size)
        self.file = file
    }

    /// Takes over a predecessor's; nil for a file that is too short to be one.
    init?(adopting descriptor: consuming OwnedDescriptor, size: Int) throws(KernelError) {
        let file = MemoryFile(adopting: descriptor)
        guard try file.read(upTo: size, at: 0).count == size else { return nil }
        mapped = try MappedMemory(of: file, length: size)
        self.file = file
    }

    /// The first byte; good as long as the owner lives.
    @unsafe var base: UnsafeMutableRawPointer { unsafe mapped.base }

    borrowing func withRaw<Result: ~Copyable, Failure: Error>(
        _ body: (Int32) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try file.withRaw(body)
    }
}
