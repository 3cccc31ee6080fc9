import Glibc

/// Whether this process has a terminal that its Ctrl-C would come from.
package func hasControllingTerminal() -> Bool {
    (try? openFile("/dev/tty", O_RDWR | O_NOCTTY)) != nil
}

/// Standard output or error of the supervisor, written without ever blocking it.
///
/// The parent process shares the open description, so O_NONBLOCK must not be set on it. A
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

/// The three descriptors that a process is born with; they belong to nobody and are never closed.
package enum StandardStream: Int32, DescriptorHolder, Sendable {
    case input = 0
    case output = 1
    case error = 2

    package borrowing func withRaw<Result: ~Copyable, Failure: Error>(
        _ body: (Int32) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(rawValue)
    }
}

extension StandardStream {
    /// Whether it goes straight to systemd's journal (systemd.exec(5), $JOURNAL_STREAM): a variable
    /// that is inherited says nothing where the stream was redirected since.
    package var isJournal: Bool {
        guard let place = Environment.value(of: "JOURNAL_STREAM") else { return false }
        var status = stat()
        guard unsafe fstat(rawValue, &status) == 0 else { return false }
        return place == "\(status.st_dev):\(status.st_ino)"
    }
}

extension DescriptorHolder where Self: ~Copyable {
    /// Whether a person is likely to look at it.
    package borrowing func isTerminal() -> Bool { withRaw { isatty($0) == 1 } }

    /// Columns of the terminal; nil where it is none or does not say.
    package borrowing func terminalWidth() -> Int? {
        withRaw { number in
            var size = winsize()
            guard unsafe ioctl(number, UInt(TIOCGWINSZ), &size) == 0 else { return nil }
            return size.ws_col > 0 ? Int(size.ws_col) : nil
        }
    }
}
