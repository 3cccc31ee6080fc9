import CKernel
import Glibc
import SystemPackage

/// The terminal that this process was started from, for who draws on it and reads single keys.
///
/// It is opened anew: nothing waits for a terminal that stands still, and those who share the standard streams
/// are not told to do so either.
package final class Terminal: DescriptorHolder {
    private let descriptor: OwnedDescriptor
    /// How it was before it was taken over; nil while it is as it was.
    private var former: termios?

    /// - Throws: where the process has no terminal.
    package init() throws(KernelError) {
        descriptor = try openFile("/dev/tty", O_RDWR | O_NOCTTY | O_NONBLOCK)
    }

    deinit { giveBack() }

    /// Keys are read one by one and not shown; Ctrl-C, Ctrl-Z and Ctrl-\ are signals still.
    ///
    /// Stops a process in the background until it is in the foreground.
    package func takeOver() throws(KernelError) {
        guard former == nil else { return }
        let number = descriptor.number
        var settings = termios()
        try check("tcgetattr") { unsafe tcgetattr(number, &settings) }
        let before = settings
        settings.c_lflag &= ~tcflag_t(ICANON | ECHO | ECHONL | IEXTEN)
        settings.c_lflag |= tcflag_t(ISIG)
        // With IXON a Ctrl-S would have it stand still.
        settings.c_iflag &= ~tcflag_t(IXON | ICRNL | INLCR | IGNCR | ISTRIP)
        // VTIME and VMIN: a read takes what is there.
        settings.c_cc.5 = 0
        settings.c_cc.6 = 1
        try check("tcsetattr") { unsafe tcsetattr(number, TCSANOW, &settings) }
        former = before
    }

    /// It is as it was before. One that is gone, or another process's by now, is let go of.
    package func giveBack() {
        guard var settings = former else { return }
        former = nil
        let number = descriptor.number
        // In the background this would stop us, and spoil what the shell has set for itself.
        guard tcgetpgrp(number) == getpgrp() else { return }
        _ = try? check("tcsetattr") { unsafe tcsetattr(number, TCSANOW, &settings) }
    }

    /// What was typed, at most so many bytes; nil where nothing was, empty once the terminal is gone.
    package func read(upTo limit: Int) throws(KernelError) -> [UInt8]? {
        let number = descriptor.number
        var bytes = [UInt8](repeating: 0, count: limit)
        do throws(KernelError) {
            let got = try checkUnlessBlocked("read", on: "/dev/tty") {
                unsafe Glibc.read(number, &bytes, limit)
            }
            return got.map { Array(bytes.prefix($0)) }
        } catch {
            guard error.errno == .ioError else { throw error }
            return []
        }
    }

    /// Writes what goes without waiting.
    ///
    /// - Returns: how many bytes were taken.
    package func write(_ bytes: ArraySlice<UInt8>) throws(KernelError) -> Int {
        let number = descriptor.number
        return try checkUnlessBlocked("write", on: "/dev/tty") {
            unsafe bytes.withUnsafeBytes { unsafe Glibc.write(number, $0.baseAddress, $0.count) }
        } ?? 0
    }

    /// How large it is; nil where it does not say.
    package func size() -> (columns: Int, rows: Int)? {
        let number = descriptor.number
        var size = winsize()
        guard unsafe ioctl(number, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0
        else { return nil }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    package func withRaw<Result: ~Copyable, Failure: Error>(
        _ body: (Int32) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try descriptor.withRaw(body)
    }
}

/// Stops this process as Ctrl-Z does, also where that signal is held back. Returns once somebody has it go on, or at
/// once where nobody could: no shell waits for a process group that is nobody's job.
package func stopOwnProcess() throws(KernelError) {
    // The kernel knows which groups those are, and stops none of them by this signal.
    try check("raise") { raise(SIGTSTP) }
    var set = sigset_t()
    unsafe sigemptyset(&set)
    unsafe sigaddset(&set, SIGTSTP)
    var before = sigset_t()
    try check("sigprocmask") { unsafe sigprocmask(SIG_UNBLOCK, &set, &before) }
    try check("sigprocmask") { unsafe sigprocmask(SIG_SETMASK, &before, nil) }
}
