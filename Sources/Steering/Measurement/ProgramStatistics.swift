import CBPF
package import Kernel

/// What the kernel itself counts of a program: how often it ran and for how long in all.
package struct ProgramStatistics: Sendable, Equatable {
    package var runs: UInt64
    package var time: Duration

    package static func - (later: Self, earlier: Self) -> Self {
        Self(runs: later.runs - earlier.runs, time: later.time - earlier.time)
    }

    /// Nanoseconds a run, the kernel's own reading of the clock included.
    package var nanosecondsPerRun: Double {
        runs == 0 ? 0 : Double(time.nanoseconds) / Double(runs)
    }

    /// Makes the kernel count as long as the descriptor is open; needs CAP_SYS_ADMIN.
    package static func enable() throws(KernelError) -> OwnedDescriptor {
        OwnedDescriptor(
            adopting: try check("bpf BPF_ENABLE_STATS") { bpf_enable_stats(BPF_STATS_RUN_TIME) })
    }

    init(of program: borrowing OwnedDescriptor) throws(KernelError) {
        var info = bpf_prog_info()
        try unsafe askObjectInfo(
            of: program, into: &info, size: MemoryLayout<bpf_prog_info>.size)
        self.init(runs: info.run_cnt, time: .nanoseconds(Int64(info.run_time_ns)))
    }

    private init(runs: UInt64, time: Duration) {
        self.runs = runs
        self.time = time
    }
}
