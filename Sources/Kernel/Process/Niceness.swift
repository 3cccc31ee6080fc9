import Glibc

/// How far this thread, and what it starts, steps back behind others on the CPUs: from -20 to 19.
package enum Niceness {
    package static func current() -> Int32 {
        // Of the calling thread it is always known; -1 is a value like any other.
        getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0)
    }

    /// Lowering it needs CAP_SYS_NICE or RLIMIT_NICE (setpriority(2)).
    package static func set(_ value: Int32) throws(KernelError) {
        try check("setpriority") {
            setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, value)
        }
    }
}
