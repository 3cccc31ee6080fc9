import Kernel

extension SupervisedService {
    /// Kills the supervisor and waits for its end.
    func killSupervisor() throws {
        try supervisor.signal(SignalNumber.kill)
        _ = try supervisor.waitForExit()
    }

    /// What the supervisor has taken of the CPUs since its start (`/proc/PID/schedstat`).
    func supervisorTime() throws -> Duration {
        let text = try ProcessView.line("schedstat", of: supervisorID)
        let first = text.split(separator: UInt8(ascii: " ")).first ?? []
        guard let nanoseconds = Int64(String(decoding: first, as: UTF8.self)) else {
            throw LoadError("the kernel does not tell how long a process has run")
        }
        return .nanoseconds(nanoseconds)
    }

    /// Whether the supervisor has ended by itself.
    func hasSupervisorEnded() throws -> Bool {
        try supervisor.wait(for: .readable, within: .zero)
    }

    /// All living processes of this service, known by the folder in their environment.
    func processes() throws -> [Int32] {
        let mark = Array("=\(folder)/".utf8)
        return try listFolder("/proc").compactMap { Int32($0) }.filter { process in
            guard Self.isAlive(process),
                let environment = try? ProcessView.text("environ", of: process)
            else { return false }
            return environment.split(separator: 0).contains { $0.containsSequence(mark) }
        }
    }

    /// The living workers, whoever knows of them.
    func workers() throws -> [Int32] {
        try processes().filter { Self.arguments(of: $0).dropFirst().first == "serve" }
    }

    /// What is left of it some time after its end; ended at last.
    func takeLeftOvers() throws -> Int {
        let deadline = MonotonicClock.now() + .seconds(5)
        var left = try processes()
        while !left.isEmpty, MonotonicClock.now() < deadline {
            let pause = try TimerDescriptor()
            try pause.set(to: MonotonicClock.now() + .milliseconds(50))
            _ = try pause.wait(for: .readable, within: .seconds(1))
            left = try processes()
        }
        for process in left {
            Terminal.complain(
                "left over: \(process) "
                    + Self.arguments(of: process).prefix(3).joined(separator: " "))
            _ = try? ProcessHandle(opening: process).signal(SignalNumber.kill)
        }
        return left.count
    }

    /// The descriptors that supervisor and keeper have open when nothing is under way.
    func restingDescriptors() throws -> DescriptorCount {
        var least: DescriptorCount?
        let pause = try TimerDescriptor()
        // Connections of ours are closed a moment after we let go of them.
        for _ in 0..<10 {
            try pause.set(to: MonotonicClock.now() + .milliseconds(50))
            _ = try pause.wait(for: .readable, within: .seconds(1))
            try pause.acknowledge()
            let workers = Set(try workers())
            let count = try DescriptorCount(of: try processes().filter { !workers.contains($0) })
            if count.total < least?.total ?? .max { least = count }
        }
        return try least ?? DescriptorCount(of: [])
    }

    /// Whether a process runs, rather than being gone or a zombie.
    static func isAlive(_ process: Int32) -> Bool {
        guard let stat = try? ProcessView.line("stat", of: process),
            let end = stat.lastIndex(of: UInt8(ascii: ")")), end + 2 < stat.count
        else { return false }
        return ![UInt8(ascii: "Z"), UInt8(ascii: "X")].contains(stat[end + 2])
    }

    private static func arguments(of process: Int32) -> [String] {
        let text = (try? ProcessView.text("cmdline", of: process)) ?? []
        return text.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    }
}

extension ArraySlice<UInt8> {
    fileprivate func containsSequence(_ wanted: [UInt8]) -> Bool {
        guard count >= wanted.count else { return false }
        return (startIndex...(endIndex - wanted.count)).contains {
            self[$0..<($0 + wanted.count)].elementsEqual(wanted)
        }
    }
}
