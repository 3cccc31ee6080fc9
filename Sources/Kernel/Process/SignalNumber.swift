import Glibc

/// Signals by what they are for, for code that makes no system calls of its own.
package enum SignalNumber {
    package static let terminate = SIGTERM
    package static let interrupt = SIGINT
    package static let hangUp = SIGHUP
    package static let abort = SIGABRT
    package static let kill = SIGKILL
    package static let user1 = SIGUSR1
    package static let stopProcess = SIGSTOP
    package static let child = SIGCHLD
    package static let stop = SIGSTOP
    package static let resume = SIGCONT
    package static let pipe = SIGPIPE
    package static let quit = SIGQUIT
    /// Ctrl-Z.
    package static let terminalStop = SIGTSTP
    /// The terminal has another size.
    package static let windowChange = SIGWINCH
    package static let fileTooLarge = SIGXFSZ
}
