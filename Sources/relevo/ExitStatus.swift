/// What the program says to whoever started it; the numbers are those of sysexits.h.
enum ExitStatus: Int32 {
    case done = 0
    /// The operation failed; for example, an upgrade was undone.
    case failed = 1
    /// Of `status --check`: nobody takes new flows.
    case down = 2
    case usage = 64
    /// No such supervisor.
    case unavailable = 69
    case permission = 77
    /// Bad settings.
    case settings = 78
    /// Ctrl-C, as shells number it.
    case interrupted = 130
}
