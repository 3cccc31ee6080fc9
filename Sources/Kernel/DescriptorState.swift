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

    /// The inode by which /proc names what is open, `socket:[inode]` say.
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
