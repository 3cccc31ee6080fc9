import CKernel
import Glibc
import SystemPackage

/// Runs another program in this process, which keeps its number and the descriptors named here.
///
/// It returns only by throwing; the descriptors are then as they were.
package func replaceProcess(
    executable: String, arguments: [String], environment: [String], keeping descriptors: [Int32]
) throws(KernelError) -> Never {
    var argumentStrings = try CStringArray(arguments, for: "execve")
    var environmentStrings = try CStringArray(environment, for: "execve")
    do throws(KernelError) {
        for number in descriptors { try setCloseOnExec(number, false) }
        OwnLimits.restore()
        try unsafe argumentStrings.withPointers { (arguments) throws(KernelError) in
            _ = try unsafe environmentStrings.withPointers { (environment) throws(KernelError) in
                try check("execute", on: executable) {
                    unsafe KeptText.withBytes(of: executable) {
                        unsafe execve($0, arguments, environment)
                    }
                }
            }
        }
    } catch {
        for number in descriptors { try setCloseOnExec(number, true) }
        OwnLimits.raise()
        throw error
    }
    preconditionFailure("execve returns only to say why it failed")
}

private func setCloseOnExec(_ number: Int32, _ wanted: Bool) throws(KernelError) {
    try check("fcntl F_SETFD") { fcntl(number, F_SETFD, wanted ? FD_CLOEXEC : 0) }
}
