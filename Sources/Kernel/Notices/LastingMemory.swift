import CKernel

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

/// Where the kernel puts a call of bind(2) that it tells of, in memory that outlives this process.
///
/// The kernel tells of a call once, and its caller waits until it is answered. Since the call is written
/// here by the very system call that takes it, a process that is killed at any moment leaves it to be
/// found: either the call has not been taken, or it is here.
@safe package final class NoticeRoom: DescriptorHolder {
    private static let headerSize = 16
    private static let size = 4096

    private let memory: LastingMemory

    package init() throws(KernelError) {
        memory = try LastingMemory(named: "relevo-call", size: Self.size)
    }

    /// Takes over a predecessor's; nil for a file that is too short to be one.
    package init?(adopting descriptor: consuming OwnedDescriptor) throws(KernelError) {
        guard let memory = try LastingMemory(adopting: descriptor, size: Self.size) else {
            return nil
        }
        self.memory = memory
    }

    /// Takes a call that waits, as `owner`'s; nil where there is none, or it was given up meanwhile.
    package func take(
        from calls: borrowing CallNotifier, as owner: (UInt64, UInt64)
    ) throws(KernelError) -> CallNotice? {
        guard try calls.wait(for: .readable, within: .zero) else { return nil }
        let base = unsafe memory.base
        unsafe relevo_notice_clear(base + Self.headerSize)
        unsafe base.storeBytes(of: owner.0, as: UInt64.self)
        unsafe base.storeBytes(of: owner.1, toByteOffset: 8, as: UInt64.self)
        return try unsafe calls.take(into: base + Self.headerSize)
    }

    /// The call that was taken last, and its owner; nil where there was none. Whether it still waits is
    /// for the kernel to say.
    package var last: (owner: (UInt64, UInt64), notice: CallNotice)? {
        let base = unsafe memory.base
        var raw = relevo_notice()
        unsafe relevo_notice_read(base + Self.headerSize, &raw)
        guard raw.id != 0 else { return nil }
        let owner = unsafe (
            base.load(as: UInt64.self), base.load(fromByteOffset: 8, as: UInt64.self)
        )
        return (owner, CallNotice(raw))
    }

    package func withRaw<Result: ~Copyable, Failure: Error>(
        _ body: (Int32) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try memory.withRaw(body)
    }
}

/// Ports that a process has bound, noted in memory that outlives this process.
///
/// A server may bind a port for each question that it asks: noting one is a store, and nothing else.
@safe package final class BoundPorts: DescriptorHolder {
    private static let size = (1 << 16) / 8

    private let memory: LastingMemory

    package init() throws(KernelError) {
        memory = try LastingMemory(named: "relevo-ports", size: Self.size)
    }

    /// Takes over a predecessor's; nil for a file that is too short to be one.
    package init?(adopting descriptor: consuming OwnedDescriptor) throws(KernelError) {
        guard let memory = try LastingMemory(adopting: descriptor, size: Self.size) else {
            return nil
        }
        self.memory = memory
    }

    package func insert(_ port: UInt16) {
        let offset = Int(port >> 3)
        let byte = unsafe memory.base.load(fromByteOffset: offset, as: UInt8.self)
        let changed = byte | 1 << (port & 7)
        unsafe memory.base.storeBytes(of: changed, toByteOffset: offset, as: UInt8.self)
    }

    package var all: Set<UInt16> {
        var found: Set<UInt16> = []
        for offset in 0..<Self.size {
            let byte = unsafe memory.base.load(fromByteOffset: offset, as: UInt8.self)
            for bit in 0..<8 where byte & 1 << bit != 0 { found.insert(UInt16(offset << 3 | bit)) }
        }
        return found
    }

    package func withRaw<Result: ~Copyable, Failure: Error>(
        _ body: (Int32) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try memory.withRaw(body)
    }
}
