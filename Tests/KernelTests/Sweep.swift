import Kernel
import SystemPackage
import Testing

/// Runs an operation with its first, second, third … system call failing until it has no more; the
/// suite's trait sees whether a failure left a descriptor open.
///
/// - Returns: how many calls could fail.
@discardableResult
func sweepFailures(with errno: Errno, of operation: () throws -> Void) throws -> Int {
    #if DEBUG
        var number = 1
        while try FaultPlan.failing(call: number, with: errno, operation) { number += 1 }
        return number - 1
    #else
        return 0
    #endif
}

/// Whether system calls can be made to fail: in debug builds only.
var canPlanFaults: Bool {
    #if DEBUG
        true
    #else
        false
    #endif
}
