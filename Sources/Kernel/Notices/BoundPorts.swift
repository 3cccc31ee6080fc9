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
