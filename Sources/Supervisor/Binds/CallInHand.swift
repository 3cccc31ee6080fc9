import HandoverCore
import Kernel

/// The call of bind(2) that is being answered, in memory that outlives the supervisor.
///
/// The kernel tells of a call once. Where the supervisor dies before it has answered, the caller would
/// wait for ever: the next supervisor finds the call here and answers it.
final class CallInHand {
    private static let size = 16 + CallNotice.size
    private let file: MemoryFile

    init() throws(KernelError) {
        file = try MemoryFile(named: "relevo-call")
        try file.write([UInt8](repeating: 0, count: Self.size), at: 0)
    }

    /// Takes over a predecessor's.
    init(adopting descriptor: consuming OwnedDescriptor) {
        file = MemoryFile(adopting: descriptor)
    }

    /// Lends the file, to be kept.
    func withFile(_ body: (borrowing MemoryFile) -> Void) { body(file) }

    /// Notes a call before anything is done for it.
    func begin(_ notice: CallNotice, of id: WorkerID) throws(KernelError) {
        let numbers = [UInt64(id.generation.number), UInt64(id.index)]
        let head = numbers.flatMap { number in
            (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * UInt64($0))) }
        }
        try file.write(head + notice.bytes, at: 0)
    }

    /// The call that was not answered, or has been and was not noted as such; nil where there is none.
    ///
    /// Whether it still waits is for the kernel to say. A worker's number is only looked up.
    func take() -> (WorkerID, CallNotice)? {
        guard let bytes = try? file.read(upTo: Self.size, at: 0), bytes.count == Self.size,
            bytes.contains(where: { $0 != 0 }),
            let notice = CallNotice(bytes: Array(bytes.dropFirst(16)))
        else { return nil }
        func number(at offset: Int) -> Int? {
            Int(
                exactly: bytes[offset..<offset + 8].reversed().reduce(UInt64(0)) {
                    $0 << 8 | UInt64($1)
                })
        }
        guard let generation = number(at: 0), generation > 0, let index = number(at: 8) else {
            return nil
        }
        return (WorkerID(GenerationID(generation), index), notice)
    }
}
