import CKernel
import Glibc
import SystemPackage

extension DescriptorHolder where Self: ~Copyable {
    /// Whether something can be read now, found without reading.
    package borrowing func isReadable() throws(KernelError) -> Bool {
        try wait(for: .readable, within: .zero)
    }

    /// Waits until the descriptor is ready or has failed; false when the time is over.
    package borrowing func wait(
        for interest: Readiness, within limit: Duration
    ) throws(KernelError) -> Bool {
        let deadline = MonotonicClock.now() + limit
        return try withRaw { (number) throws(KernelError) in
            try check("ppoll") {
                let left = max(.zero, deadline - MonotonicClock.now()).kernelParts
                return relevo_poll_one(
                    number, Int16(truncatingIfNeeded: interest.rawValue), left.seconds,
                    left.nanoseconds)
            } != 0
        }
    }

    /// The inode by which /proc names what is open, such as `socket:[inode]`.
    package borrowing func inode() throws(KernelError) -> UInt64 {
        try withRaw { (number) throws(KernelError) in
            var status = stat()
            try check("fstat") { unsafe fstat(number, &status) }
            return UInt64(status.st_ino)
        }
    }

    /// Takes the error that waits on a socket (SO_ERROR); nil when there is none.
    package borrowing func takeSocketError(
        of call: StaticString
    ) throws(KernelError) -> KernelError? {
        let code = try withRaw { (number) throws(KernelError) in
            try option("getsockopt SO_ERROR", of: number, SO_ERROR, initial: Int32(0))
        }
        return code == 0 ? nil : KernelError("\(call)", Errno(rawValue: code))
    }

    /// Whether reads and writes return at once; the flag is shared by all duplicates.
    package borrowing func setNonBlocking(_ wanted: Bool) throws(KernelError) {
        try withRaw { (number) throws(KernelError) in
            let flags = try check("fcntl F_GETFL") { fcntl(number, F_GETFL) }
            let changed = wanted ? flags | O_NONBLOCK : flags & ~O_NONBLOCK
            if changed != flags { try check("fcntl F_SETFL") { fcntl(number, F_SETFL, changed) } }
        }
    }
}

extension DescriptorHolder where Self: ~Copyable {
    /// Whether another descriptor is a duplicate of this one, wherever the two were made; false where
    /// the kernel does not tell.
    package borrowing func isDuplicate(
        of other: borrowing some DescriptorHolder & ~Copyable
    ) -> Bool {
        withRaw { one in
            other.withRaw { other in
                let order = try? check("kcmp") { relevo_compare_descriptors(one, other) }
                return order == 0
            }
        }
    }
}

extension DescriptorHolder where Self: ~Copyable {
    /// Reads what is there; empty at the end, nil when a non-blocking descriptor has nothing.
    package borrowing func read(upTo count: Int) throws(KernelError) -> [UInt8]? {
        try withRaw { (number) throws(KernelError) in
            var bytes = [UInt8](repeating: 0, count: count)
            let got = try checkUnlessBlocked("read") {
                unsafe bytes.withUnsafeMutableBytes {
                    unsafe Glibc.read(number, $0.baseAddress, $0.count)
                }
            }
            guard let got else { return nil }
            bytes.removeLast(count - got)
            return bytes
        }
    }

    /// Writes as much as goes; how many bytes went, nil when a non-blocking descriptor takes none.
    ///
    /// A reader that is gone is EPIPE where SIGPIPE is ignored.
    package borrowing func write(_ bytes: some Collection<UInt8>) throws(KernelError) -> Int? {
        try withRaw { (number) throws(KernelError) in
            let whole = ContiguousArray(bytes)
            return try checkUnlessBlocked("write") {
                unsafe whole.withUnsafeBytes {
                    unsafe Glibc.write(number, $0.baseAddress, $0.count)
                }
            }
        }
    }

    /// Writes all bytes, waiting for room where needed.
    package borrowing func writeAll(_ bytes: some Collection<UInt8>) throws(KernelError) {
        let whole = ContiguousArray(bytes)
        var rest = whole[...]
        while !rest.isEmpty {
            if let count = try write(rest) {
                rest = rest.dropFirst(count)
            } else {
                _ = try wait(for: .writable, within: .seconds(60))
            }
        }
    }
}
