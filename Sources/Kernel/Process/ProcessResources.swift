import CKernel
import Glibc

/// Limits of this process that its children inherit (getrlimit(2)).
package enum ResourceLimit: Sendable {
    case openFiles
    case lockedMemory
    case coreSize
    case fileSize

    /// What is allowed now and how far it may be raised; `UInt64.max` is no limit.
    package func read() throws(KernelError) -> (soft: UInt64, hard: UInt64) {
        var limit = rlimit()
        try check("getrlimit") { unsafe getrlimit(number, &limit) }
        return (UInt64(limit.rlim_cur), UInt64(limit.rlim_max))
    }

    /// Changes it; raising the hard limit needs CAP_SYS_RESOURCE.
    package func set(soft: UInt64, hard: UInt64) throws(KernelError) {
        var limit = rlimit(rlim_cur: rlim_t(soft), rlim_max: rlim_t(hard))
        try check("setrlimit") { unsafe setrlimit(number, &limit) }
    }

    /// The kernel's numbers, the same on every architecture that this runs on.
    private var number: __rlimit_resource_t {
        switch self {
        case .fileSize: 1
        case .coreSize: 4
        case .openFiles: 7
        case .lockedMemory: 8
        }
    }
}

/// Reads memory of another process (needs the right to trace it); fewer bytes where less is there.
package func readMemory(
    ofProcess pid: Int32, at address: UInt64, count: Int
) throws(KernelError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let got = try check("process_vm_readv", on: "\(pid)") {
        unsafe bytes.withUnsafeMutableBytes {
            unsafe relevo_read_memory(pid, address, $0.baseAddress, $0.count)
        }
    }
    bytes.removeLast(count - got)
    return bytes
}

/// Keeps this thread on the processor that it runs on now: what it does one after the other is then done at the
/// same place, and with the same caches.
package func stayOnThisProcessor() throws(KernelError) {
    _ = try check("sched_setaffinity") { relevo_stay_on_processor() }
}

/// Time that processors have spent on us.
package enum ProcessorTime {
    /// Of this thread, what the kernel did for it included (CLOCK_THREAD_CPUTIME_ID).
    package static func ofThread() -> Duration { read(CLOCK_THREAD_CPUTIME_ID) }

    /// Of all threads of this process (CLOCK_PROCESS_CPUTIME_ID).
    package static func ofProcess() -> Duration { read(CLOCK_PROCESS_CPUTIME_ID) }

    private static func read(_ clock: clockid_t) -> Duration {
        var time = timespec()
        // The clocks are in every kernel; the call has no other way to fail.
        precondition(unsafe clock_gettime(clock, &time) == 0)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}

/// Memory of this process.
package enum OwnMemory {
    /// Bytes that are in memory now (proc_pid_statm(5)); nil where /proc is not there.
    package static func resident() -> Int? {
        let fields = try? ProcessView.line("statm", of: ProcessView.own)
            .split(separator: UInt8(ascii: " "))
        guard let fields, fields.count > 1,
            let pages = Int(String(decoding: fields[1], as: UTF8.self))
        else { return nil }
        return pages * Int(getpagesize())
    }
}
