import Kernel

/// Tells the hang-up of a terminal that goes away, which asks for nothing, from one that somebody sends.
struct TerminalWatch {
    /// A shell that loses its terminal passes the signal on, and the kernel sends one more when it ends.
    static let hangUpWindow = Duration.seconds(2)

    private var hasTerminal: Bool
    private var goneSince: Duration?

    /// - Parameter hasTerminal: whether there was one at the start.
    init(hasTerminal: Bool) { self.hasTerminal = hasTerminal }

    /// Whether a hang-up comes of the terminal's end.
    ///
    /// - Parameters:
    ///   - isKernels: whether the kernel sent it by itself, which it does for nothing else.
    ///   - isThere: whether the terminal is there now.
    mutating func isItsEnd(isKernels: Bool, isThere: Bool, at now: Duration) -> Bool {
        if hasTerminal, isKernels || !isThere {
            hasTerminal = false
            goneSince = now
        }
        return isKernels || goneSince.map { now - $0 < Self.hangUpWindow } ?? false
    }
}
