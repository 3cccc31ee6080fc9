import CKernel
import SystemPackage

/// A call of bind(2) that waits for an answer.
package struct CallNotice: Sendable {
    /// Longer than any address of a socket (struct sockaddr_storage).
    private static let longestAddress = 128

    let id: UInt64
    /// The thread that calls; its number may be another's once the call has been given up.
    package let thread: Int32
    private let raw: relevo_notice

    init(_ raw: relevo_notice) {
        id = raw.id
        thread = raw.thread
        self.raw = raw
    }

    /// The process that the thread belongs to, where its descriptors are.
    package func process() throws(KernelError) -> Int32 {
        let label = Array("Tgid:".utf8)
        let status = try ProcessView.text("status", of: thread)
        for line in status.split(separator: UInt8(ascii: "\n")) where line.starts(with: label) {
            let number = String(decoding: line.dropFirst(label.count), as: UTF8.self)
            if let found = Int32(number.filter(\.isNumber)) { return found }
        }
        throw KernelError("read", .noSuchProcess, on: "/proc/\(thread)/status")
    }

    /// What the call asks for, out of the caller's memory; nil for a call that is no bind after all.
    package func bindRequest() throws(KernelError) -> BindRequest? {
        let arguments: (descriptor: Int32, address: UInt64, length: Int)
        switch unsafe withUnsafePointer(to: raw, { unsafe relevo_notice_is_bind($0) }) {
        case 1:
            let words = raw.arguments
            arguments = (
                Int32(truncatingIfNeeded: words.0), words.1,
                Int(Int32(truncatingIfNeeded: words.2))
            )
        case 2:
            let bytes = try readMemory(ofProcess: thread, at: raw.arguments.1, count: 12)
            guard bytes.count == 12 else { return nil }
            let words = Self.words(bytes)
            arguments = (
                Int32(truncatingIfNeeded: words[0]), UInt64(words[1]),
                Int(Int32(truncatingIfNeeded: words[2]))
            )
        default: return nil
        }
        let length = arguments.length
        guard (0...Self.longestAddress).contains(length) else { return nil }
        let bytes = try readMemory(ofProcess: thread, at: arguments.address, count: length)
        guard bytes.count == length, let address = RawSocketAddress(bytes: bytes)?.address else {
            return nil
        }
        return BindRequest(descriptor: arguments.descriptor, address: address)
    }

    /// Both architectures that have a 32-bit entry are little-endian.
    private static func words(_ bytes: [UInt8]) -> [UInt32] {
        stride(from: 0, to: bytes.count, by: 4).map { start in
            bytes[start..<start + 4].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        }
    }
}
