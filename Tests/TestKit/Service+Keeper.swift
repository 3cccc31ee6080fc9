import Kernel

extension Service {
    /// The process that is the parent of a worker of the current generation.
    package func keeper(of index: Int = 0) throws -> Int32 {
        guard let worker = try worker(index) else {
            throw NotStarted(lines: ["no worker \(index)"])
        }
        let lines = try readFile("/proc/\(worker)/status").split(separator: UInt8(ascii: "\n"))
            .map { String(decoding: $0, as: UTF8.self) }
        let prefix = "PPid:\t"
        guard let line = lines.first(where: { $0.hasPrefix(prefix) }),
            let pid = Int32(line.dropFirst(prefix.count))
        else { throw NotStarted(lines: lines) }
        return pid
    }
}
