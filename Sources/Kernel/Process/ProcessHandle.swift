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

/// As whom a process runs.
package struct ProcessIdentity: Hashable, Sendable {
    package var uid: UInt32
    package var gid: UInt32
    /// The supplementary groups.
    package var groups: [UInt32]

    package init(uid: UInt32, gid: UInt32, groups: [UInt32] = []) {
        self.uid = uid
        self.gid = gid
        self.groups = groups
    }

    /// The effective user of this process.
    package static var effectiveUser: UInt32 { geteuid() }
    /// The effective group of this process.
    package static var effectiveGroup: UInt32 { getegid() }
    /// The real user of this process.
    package static var realUser: UInt32 { getuid() }
    /// This process's number.
    package static var processID: Int32 { getpid() }
}
