import CKernel
import Glibc
import SystemPackage

/// A process held by its pidfd: a signal reaches this process or none, never a later one that got
/// its number. Readable once the process has ended.
package struct ProcessHandle: ~Copyable, Sendable, DescriptorHolder {
    private let descriptor: OwnedDescriptor

    /// Takes over a pidfd.
    package init(adopting descriptor: consuming OwnedDescriptor) { self.descriptor = descriptor }

    /// The process that has this number now.
    package init(opening pid: Int32) throws(KernelError) {
        descriptor = OwnedDescriptor(
            adopting: try check("pidfd_open", on: "\(pid)") { relevo_pidfd_open(pid) })
    }

    /// Sends a signal; false when the process has ended.
    @discardableResult
    package borrowing func signal(_ signal: Int32) throws(KernelError) -> Bool {
        let number = descriptor.number
        do throws(KernelError) {
            try check("pidfd_send_signal") { relevo_pidfd_send_signal(number, signal) }
            return true
        } catch {
            guard error.errno == .noSuchProcess else { throw error }
            return false
        }
    }

    /// A duplicate of a descriptor that the process has open (needs the right to trace it).
    package borrowing func descriptor(at index: Int32) throws(KernelError) -> OwnedDescriptor {
        let number = descriptor.number
        return OwnedDescriptor(
            adopting: try check("pidfd_getfd", on: "\(index)") {
                relevo_pidfd_getfd(number, index)
            })
    }

    /// Reaps a child: how it ended; nil while it runs.
    borrowing func reap(waiting: Bool = false) throws(KernelError) -> ProcessExit? {
        let number = descriptor.number
        var end = relevo_exit()
        let reaped = try check("waitid") {
            unsafe relevo_reap(number, waiting ? 1 : 0, &end)
        }
        guard reaped == 1 else { return nil }
        if end.code == CLD_EXITED { return .code(end.status) }
        return .signal(end.status, dumpedCore: end.code == CLD_DUMPED)
    }

    package borrowing func withRaw<Result: ~Copyable, Failure: Error>(
        _ body: (Int32) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try descriptor.withRaw(body)
    }

    /// A second pidfd of the same process.
    package borrowing func duplicate() throws(KernelError) -> ProcessHandle {
        ProcessHandle(adopting: try descriptor.duplicate())
    }
}
