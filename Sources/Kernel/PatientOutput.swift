import Glibc

/// Standard output or error of the supervisor, written without ever blocking it.
///
/// The open description is shared with whoever started us, so O_NONBLOCK must not be set on it. A
/// pipe that polls writable takes PIPE_BUF bytes at once (pipe(7)), so no more are offered.
package struct PatientOutput: Sendable {
    private let number: Int32
    private let mayBlock: Bool

    package static let standardOutput = PatientOutput(number: STDOUT_FILENO)
    package static let standardError = PatientOutput(number: STDERR_FILENO)

    private init(number: Int32) {
        self.number = number
        var about = stat()
        let found = unsafe fstat(number, &about) == 0
        mayBlock = found && about.st_mode & S_IFMT != S_IFREG
    }

    /// Writes what goes without waiting.
    ///
    /// - Returns: how many bytes were taken, 0 when the reader is slow.
    /// - Throws: EPIPE when nobody reads any more.
    package func write(_ bytes: ArraySlice<UInt8>) throws(KernelError) -> Int {
        let number = self.number
        if mayBlock {
            var wanted = pollfd(fd: number, events: Int16(POLLOUT), revents: 0)
            let ready = try check("poll") { unsafe poll(&wanted, 1, 0) }
            if ready == 0 { return 0 }
        }
        let chunk = mayBlock ? bytes.prefix(Int(PIPE_BUF)) : bytes
        return try checkUnlessBlocked("write") {
            unsafe chunk.withUnsafeBytes { unsafe Glibc.write(number, $0.baseAddress, $0.count) }
        } ?? 0
    }

    /// Lends the number for registration in an event loop.
    package func withRaw<Result, Failure: Error>(
        _ body: (Int32) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(number)
    }
}
