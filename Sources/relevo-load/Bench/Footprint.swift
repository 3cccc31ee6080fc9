import Kernel

/// The memory of a supervisor: its own, and the flow table that it maps.
struct Footprint: Equatable {
    /// Resident bytes of everything but BPF maps.
    private(set) var resident: UInt64 = 0
    /// Bytes of the greatest BPF map that is mapped.
    private(set) var table: UInt64 = 0

    /// Reads the text of `/proc/PID/smaps` (proc_pid_smaps(5)).
    init(parsing smaps: [UInt8]) {
        var isTable = false
        for line in smaps.split(separator: UInt8(ascii: "\n")) {
            let text = String(decoding: line, as: UTF8.self)
            let words = text.split(separator: " ")
            guard let first = words.first else { continue }
            if !first.hasSuffix(":") {
                isTable = text.hasSuffix("anon_inode:bpf-map")
            } else if words.count > 2, let kibibytes = UInt64(words[1]) {
                if first == "Rss:", !isTable { resident += kibibytes * 1024 }
                if first == "Size:", isTable { table = max(table, kibibytes * 1024) }
            }
        }
    }

    init(ofProcess process: Int32) throws(KernelError) {
        self.init(parsing: try ProcessView.text("smaps", of: process))
    }
}
