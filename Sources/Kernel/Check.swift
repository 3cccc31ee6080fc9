import Glibc
import SystemPackage

/// Makes one system call and turns -1 into a typed error; every call of the program passes here.
///
/// EINTR is retried. EBADF and EFAULT are bugs of ours, never the world's, and trap.
@discardableResult
package func check<Result: SignedInteger>(
    _ call: StaticString, on subject: @autoclosure () -> String = "", _ body: () -> Result
) throws(KernelError) -> Result {
    while true {
        #if DEBUG
            if let planned = FaultPlan.next() {
                throw KernelError("\(call)", planned, on: subject())
            }
        #endif
        let result = body()
        if result != -1 { return result }
        let reason = Errno(rawValue: errno)
        switch reason {
        case .interrupted: continue
        case .badFileDescriptor, .badAddress: preconditionFailure("\(call): \(reason)")
        default: throw KernelError("\(call)", reason, on: subject())
        }
    }
}

/// A system call that would block is an answer, not an error: nil stands for EAGAIN.
package func checkUnlessBlocked<Result: SignedInteger>(
    _ call: StaticString, on subject: @autoclosure () -> String = "", _ body: () -> Result
) throws(KernelError) -> Result? {
    do throws(KernelError) {
        return try check(call, on: subject(), body)
    } catch {
        if error.errno == .wouldBlock { return nil }
        throw error
    }
}
