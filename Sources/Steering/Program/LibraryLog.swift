import CBPF
import Glibc
import Synchronization

/// What libbpf says while it loads, kept for the error instead of going to stderr.
enum LibraryLog {
    private static let collected = Mutex<[String]>([])

    /// What was said since the last `begin()`, a line each.
    static var lines: [String] { collected.withLock { $0 } }

    /// Forgets what was said before and listens from here on.
    static func begin() {
        collected.withLock { $0 = [] }
        _ = unsafe libbpf_set_print { level, format, arguments in
            guard level != LIBBPF_DEBUG, let format = unsafe format,
                let arguments = unsafe arguments
            else { return 0 }
            var text = [UInt8](repeating: 0, count: 1024)
            let length = unsafe text.withUnsafeMutableBytes {
                unsafe vsnprintf($0.baseAddress, $0.count, format, arguments)
            }
            LibraryLog.append(
                String(decoding: text.prefix(max(0, min(Int(length), 1023))), as: UTF8.self))
            return 0
        }
    }

    private static func append(_ text: String) {
        collected.withLock { lines in
            for line in text.split(separator: "\n") { lines.append(String(line)) }
        }
    }
}
