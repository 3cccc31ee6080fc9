extension ProcessView {
    /// More generations than any service has between its main process and another.
    private static let mostAncestors = 32

    /// Whether a process is another one or comes from it, its parents being there still; one that has
    /// ended does not.
    package static func descends(_ process: Int32, from ancestor: Int32) -> Bool {
        var process = process
        for _ in 0..<mostAncestors {
            if process == ancestor { return true }
            guard process > 1, let parent = try? parent(of: process) else { return false }
            process = parent
        }
        return false
    }

    /// The parent of a process (proc_pid_stat(5)); nil for what cannot be read.
    private static func parent(of process: Int32) throws(KernelError) -> Int32? {
        let line = try line("stat", of: process)
        // The name before it may hold anything, parentheses too.
        guard let end = line.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        let fields = line[line.index(after: end)...].split(separator: UInt8(ascii: " "))
        return fields.count > 1 ? Int32(String(decoding: fields[1], as: UTF8.self)) : nil
    }
}
