import CKernel
import SystemPackage

/// A call of bind(2) that waits for an answer, or one that would change what steers a group of sockets.
package struct CallNotice: Sendable {
    /// Longer than any address of a socket (struct sockaddr_storage).
    private static let longestAddress = 128

    let id: UInt64
    /// The thread that calls; its number may be another's once the call has been given up.
    package let thread: Int32
    private let raw: relevo_notice

    init(_ raw: relevo_notice) {
        id = raw.id
        thread = raw.thread
        self.raw = raw
    }

    /// The process that the thread belongs to, where its descriptors are.
    package func process() throws(KernelError) -> Int32 {
        let label = Array("Tgid:".utf8)
        let status = try ProcessView.text("status", of: thread)
        for line in status.split(separator: UInt8(ascii: "\n")) where line.starts(with: label) {
            let number = String(decoding: line.dropFirst(label.count), as: UTF8.self)
            if let found = Int32(number.filter(\.isNumber)) { return found }
        }
        throw KernelError("read", .noSuchProcess, on: "/proc/\(thread)/status")
    }

    /// What the call asks for, out of the caller's memory; nil for a call that is no bind after all.
    package func bindRequest() throws(KernelError) -> BindRequest? {
        let arguments: (descriptor: Int32, address: UInt64, length: Int)
        switch unsafe withUnsafePointer(to: raw, { unsafe relevo_notice_is_bind($0) }) {
        case 1:
            let words = raw.arguments
            arguments = (
                Int32(truncatingIfNeeded: words.0), words.1,
                Int(Int32(truncatingIfNeeded: words.2))
            )
        case 2:
            let bytes = try readMemory(ofProcess: thread, at: raw.arguments.1, count: 12)
            guard bytes.count == 12 else { return nil }
            let words = Self.words(bytes)
            arguments = (
                Int32(truncatingIfNeeded: words[0]), UInt64(words[1]),
                Int(Int32(truncatingIfNeeded: words[2]))
            )
        default: return nil
        }
        let length = arguments.length
        guard (0...Self.longestAddress).contains(length) else { return nil }
        let bytes = try readMemory(ofProcess: thread, at: arguments.address, count: length)
        guard bytes.count == length, let address = RawSocketAddress(bytes: bytes)?.address else {
            return nil
        }
        return BindRequest(descriptor: arguments.descriptor, address: address)
    }

    /// The descriptor of a socket whose group the caller wants another program to steer, or none; nil for
    /// another call.
    package var steeredSocket: Int32? {
        guard unsafe withUnsafePointer(to: raw, { unsafe relevo_notice_is_steering($0) }) != 0
        else {
            return nil
        }
        return Int32(truncatingIfNeeded: raw.arguments.0)
    }

    /// Both architectures that have a 32-bit entry are little-endian.
    private static func words(_ bytes: [UInt8]) -> [UInt32] {
        stride(from: 0, to: bytes.count, by: 4).map { start in
            bytes[start..<start + 4].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        }
    }
}

/// What bind(2) is called with.
package struct BindRequest: Equatable, Sendable {
    /// As the caller numbers it.
    package let descriptor: Int32
    package let address: SocketAddress

    package init(descriptor: Int32, address: SocketAddress) {
        self.descriptor = descriptor
        self.address = address
    }
}

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
        // A result, for this call throws no typed errors in Swift 6.2.
        let taken = unsafe withUnsafeTemporaryAllocation(byteCount: 128, alignment: 8) {
            room -> Result<CallNotice?, KernelError> in
            guard let start = room.baseAddress else { return .success(nil) }
            unsafe relevo_notice_clear(start)
            do throws(KernelError) {
                return .success(try unsafe take(into: start))
            } catch {
                return .failure(error)
            }
        }
        return try taken.get()
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
