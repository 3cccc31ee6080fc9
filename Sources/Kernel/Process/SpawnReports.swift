import CKernel
import Glibc
import SystemPackage

/// What a child says, between its start and its exec, through a line that the exec closes.
struct SpawnReports: ~Copyable {
    private enum Reader: ~Copyable {
        case pipe(OwnedDescriptor)
        case socket(UnixConnection)
    }

    private let reader: Reader
    private var writer: OwnedDescriptor?

    /// - Parameter carryingDescriptors: it may hand one over, which takes a socket.
    init(carryingDescriptors: Bool) throws(KernelError) {
        if carryingDescriptors {
            var pair = try UnixConnectionPair(kind: .sequencedPacket)
            reader = .socket(pair.takeFirst())
            writer = pair.takeSecond().intoDescriptor()
        } else {
            var pipe = try Pipe()
            reader = .pipe(pipe.takeReader())
            writer = pipe.takeWriter()
        }
    }

    /// The child's end; taken once.
    mutating func takeWriter() -> OwnedDescriptor {
        guard let end = writer.take() else { preconditionFailure("the writer is taken already") }
        return end
    }

    /// Waits for the next report; nil once the child has executed its program.
    ///
    /// - Parameter interception: set by a report of the step of that name.
    borrowing func next(
        _ interception: inout Interception
    ) throws(KernelError) -> SpawnFailure? {
        let length = MemoryLayout<relevo_report>.size
        switch reader {
        case .pipe(let pipe): return Self.report(try pipe.read(upTo: length) ?? [])
        case .socket(let socket):
            while true {
                _ = try socket.wait(for: .readable, within: .seconds(3600))
                guard var message = try socket.receive(upTo: length, descriptors: 1) else {
                    continue
                }
                guard let report = Self.report(message.bytes) else { return nil }
                if report.step == .interception {
                    if let listener = message.descriptors.takeFirst() {
                        interception = .on(CallNotifier(adopting: listener))
                    } else {
                        interception = .refused(errno: report.errno.rawValue)
                    }
                }
                return report
            }
        }
    }

    private static func report(_ bytes: [UInt8]) -> SpawnFailure? {
        guard bytes.count == MemoryLayout<relevo_report>.size else { return nil }
        let words = unsafe bytes.withUnsafeBytes {
            unsafe $0.loadUnaligned(as: relevo_report.self)
        }
        guard let step = SpawnStep(rawValue: words.step) else {
            preconditionFailure("the child reports a step that this program does not know")
        }
        return SpawnFailure(
            step: step, errno: Errno(rawValue: words.error), index: Int(words.index))
    }
}
