import Glibc

/// Limits of this process that its children inherit (getrlimit(2)).
package enum ResourceLimit: Sendable {
    case openFiles
    case lockedMemory
    case coreSize

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
        case .coreSize: 4
        case .openFiles: 7
        case .lockedMemory: 8
        }
    }
}
