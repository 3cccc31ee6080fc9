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

    /// Ends the workers of a supervisor that has been killed, if there are any.
    func endOrphans() {
        let path = UnixAddress(folder.file("run/keeper"))
        guard let door = try? UnixConnection(to: path, kind: .sequencedPacket),
            let pid = try? door.peerCredentials().pid,
            let keeper = try? ProcessHandle(opening: pid)
        else { return }
        // A supervisor, which this looked like, would end its service itself.
        _ = consume door
        for _ in 1...100 {
            _ = try? keeper.signal(SignalNumber.terminate)
            if (try? keeper.wait(for: .readable, within: .milliseconds(100))) != false { return }
        }
        _ = try? keeper.signal(SignalNumber.kill)
    }
}
