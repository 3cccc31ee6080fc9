import Glibc

/// What one process takes of the machine.
package struct ProcessUse: Equatable, Sendable {
    /// Processor time of all its threads, those that have ended included, and of none of its children.
    package let processorTime: Duration
    /// Memory that it has now; pages that it shares count in full.
    package let residentBytes: Int

    package init(processorTime: Duration, residentBytes: Int) {
        self.processorTime = processorTime
        self.residentBytes = residentBytes
    }

    /// Of a line of /proc/PID/stat (proc_pid_stat(5)); nil for a process that has ended and for what is no such line.
    ///
    /// - Parameters:
    ///   - ticks: of its times, in a second.
    ///   - page: bytes of one.
    init?(stat line: [UInt8], ticks: Int, page: Int) {
        // The name before it may hold anything, parentheses too. What follows is from the third field on.
        guard ticks > 0, let end = line.lastIndex(of: UInt8(ascii: ")")) else { return nil }
        let fields = line[line.index(after: end)...].split(separator: UInt8(ascii: " "))
        guard fields.count > 21, !["Z", "X"].contains(String(decoding: fields[0], as: UTF8.self))
        else { return nil }
        func number(_ field: Int) -> Int? {
            Int(String(decoding: fields[field - 3], as: UTF8.self))
        }
        guard let user = number(14), let system = number(15), let pages = number(24),
            user >= 0, system >= 0, pages >= 0
        else { return nil }
        processorTime = .milliseconds((user + system) * 1000 / ticks)
        residentBytes = pages * page
    }
}

extension ProcessHandle {
    /// What the process takes, whose number this is; nil where it has ended or cannot be looked at.
    package borrowing func use(asNumber pid: Int32) -> ProcessUse? {
        guard let line = try? ProcessView.line("stat", of: pid) else { return nil }
        // As long as it has not ended its number is nobody else's: the line was about it.
        guard (try? isReadable()) == false else { return nil }
        return ProcessUse(stat: line, ticks: sysconf(Int32(_SC_CLK_TCK)), page: Int(getpagesize()))
    }
}
