import CKernel

/// Where the kernel puts a call of bind(2) that it tells of, in memory that outlives this process.
///
/// The kernel tells of a call once, and its caller waits until it is answered. Since the call is written
/// here by the very system call that takes it, a process that is killed at any moment leaves it to be
/// found: either the call has not been taken, or it is here.
@safe package final class NoticeRoom: DescriptorHolder {
    private static let headerSize = 16
    private static let size = 4096

    private let memory: LastingMemory

    package init() throws(KernelError) {
        memory = try LastingMemory(named: "relevo-call", size: Self.size)
    }

    /// Takes over a predecessor's; nil for a file that is too short to be one.
    package init?(adopting descriptor: consuming OwnedDescriptor) throws(KernelError) {
        guard let memory = try LastingMemory(adopting: descriptor, size: Self.size) else {
            return nil
        }
        self.memory = memory
    }

    /// Takes a call that waits, as `owner`'s; nil where there is none, or it was given up meanwhile.
    package func take(
        from calls: borrowing CallNotifier, as owner: (UInt64, UInt64)
    ) throws(KernelError) -> CallNotice? {
        guard try calls.wait(for: .readable, within: .zero) else { return nil }
        let base = unsafe memory.base
        unsafe relevo_notice_clear(base + Self.headerSize)
        unsafe base.storeBytes(of: owner.0, as: UInt64.self)
        unsafe base.storeBytes(of: owner.1, toByteOffset: 8, as: UInt64.self)
        return try unsafe calls.take(into: base + Self.headerSize)
    }

    /// The call that was taken last, and its owner; nil where there was none. Whether it still waits is
    /// for the kernel to say.
    package var last: (owner: (UInt64, UInt64), notice: CallNotice)? {
        let base = unsafe memory.base
        var raw = relevo_notice()
        unsafe relevo_notice_read(base + Self.headerSize, &raw)
        guard raw.id != 0 else { return nil }
        let owner = unsafe (
            base.load(as: UInt64.self), base.load(fromByteOffset: 8, as: UInt64.self)
        )
        return (owner, CallNotice(raw))
    }

    package func withRaw<Result: ~Copyable, Failure: Error>(
        _ body: (Int32) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try memory.withRaw(body)
    }
}
