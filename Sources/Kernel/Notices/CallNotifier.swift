import CKernel
import SystemPackage

/// Where calls of bind(2) of a process and its descendants wait for an answer (seccomp_unotify(2)).
///
/// Readable while one waits. While nobody holds this, every such call fails with ENOSYS.
package struct CallNotifier: ~Copyable, Sendable, DescriptorHolder {
    private let descriptor: OwnedDescriptor

    /// Takes over a descriptor of that kind.
    package init(adopting descriptor: consuming OwnedDescriptor) {
        self.descriptor = descriptor
        // Faster where the kernel has it, and as right where it has not.
        _ = relevo_notices_take_turns(self.descriptor.number)
    }

    /// A call that waits; nil where there is none, or it was given up meanwhile.
    package borrowing func next() throws(KernelError) -> CallNotice? {
        // Without this the kernel would have us wait for one.
        guard try descriptor.wait(for: .readable, within: .zero) else { return nil }
        return try unsafe withUnsafeTemporaryAllocation(byteCount: 128, alignment: 8) {
            (room) throws(KernelError) in
            guard let start = room.baseAddress else { return nil }
            unsafe relevo_notice_clear(start)
            return try unsafe take(into: start)
        }
    }

    /// Takes a call into cleared room for it, 128 bytes.
    borrowing func take(into room: UnsafeMutableRawPointer) throws(KernelError) -> CallNotice? {
        let number = descriptor.number
        do throws(KernelError) {
            try check("ioctl SECCOMP_IOCTL_NOTIF_RECV") { unsafe relevo_notice_take(number, room) }
        } catch {
            if error.errno == .noSuchFileOrDirectory { return nil }
            throw error
        }
        var raw = relevo_notice()
        unsafe relevo_notice_read(room, &raw)
        return CallNotice(raw)
    }

    /// Whether the call still waits: what was read of its process before is its own then.
    package borrowing func isWaiting(_ notice: CallNotice) -> Bool {
        relevo_notice_is_valid(descriptor.number, notice.id) == 0
    }

    /// Has the call return 0.
    package borrowing func succeed(_ notice: CallNotice) throws(KernelError) {
        let number = descriptor.number
        try check("ioctl SECCOMP_IOCTL_NOTIF_SEND") { relevo_notice_answer(number, notice.id, 0) }
    }

    /// Has the kernel do the call.
    package borrowing func letContinue(_ notice: CallNotice) throws(KernelError) {
        let number = descriptor.number
        try check("ioctl SECCOMP_IOCTL_NOTIF_SEND") { relevo_notice_continue(number, notice.id) }
    }

    /// Puts a copy of a descriptor in the place of one that the caller has (Linux 5.9).
    package borrowing func replace(
        _ target: Int32, by source: borrowing some DescriptorHolder & ~Copyable,
        closesOnExec: Bool, for notice: CallNotice
    ) throws(KernelError) {
        let number = descriptor.number
        try source.withRaw { (source) throws(KernelError) in
            _ = try check("ioctl SECCOMP_IOCTL_NOTIF_ADDFD", on: "\(target)") {
                relevo_notice_replace(number, notice.id, source, target, closesOnExec ? 1 : 0)
            }
        }
    }

    package borrowing func withRaw<Result: ~Copyable, Failure: Error>(
        _ body: (Int32) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try descriptor.withRaw(body)
    }

    /// Gives the descriptor away, still owned.
    package consuming func intoDescriptor() -> OwnedDescriptor { descriptor }
}
