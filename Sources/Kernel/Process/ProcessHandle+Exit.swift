import CKernel
import Glibc
import SystemPackage

extension ProcessHandle {
    /// Whether it is a child of this process that has ended and is not reaped yet: until then its
    /// number, and that of the group it leads, is nobody else's.
    package borrowing func isDeadChild() -> Bool {
        withRaw { relevo_is_dead_child($0) == 1 }
    }

    /// How it ended, of a process that need not be a child; nil while it runs or nobody has reaped
    /// it. A child is reaped by this.
    ///
    /// - Throws: where the process is another's and the kernel does not tell (before Linux 6.15).
    package borrowing func exit() throws(KernelError) -> ProcessExit? {
        do throws(KernelError) {
            return try reap()
        } catch {
            guard error.errno == .noChildProcess else { throw error }
        }
        return try withRaw { (number) throws(KernelError) in
            var end = relevo_exit()
            let known = try check("ioctl PIDFD_GET_INFO") {
                unsafe relevo_exit_of(number, &end)
            }
            guard known == 1 else { return nil }
            if end.code == CLD_EXITED { return .code(end.status) }
            return .signal(end.status, dumpedCore: end.code == CLD_DUMPED)
        }
    }
}
