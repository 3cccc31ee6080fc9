/// A signal of Linux, by the name that users type and the number that the kernel takes.
package struct SignalName: Hashable, Sendable, CustomStringConvertible {
    /// From 1 to 64, as on x86-64 and arm64.
    package let number: Int32

    package static let interrupt = SignalName(number: 2)
    package static let pipe = SignalName(number: 13)
    package static let term = SignalName(number: 15)

    private init(number: Int32) { self.number = number }

    /// Signals 1 to 31 in order, signal(7).
    private static let names = [
        "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2",
        "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG",
        "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
    ]
    /// The C library keeps 32 and 33 for itself.
    private static let realTime: ClosedRange<Int32> = 34...64

    /// Reads TERM, SIGTERM, 15, RTMIN+3 or RTMAX-1, in either case.
    package static func parse(_ text: String) throws(ValueError) -> SignalName {
        var word = text.uppercased()
        if word.hasPrefix("SIG") { word.removeFirst(3) }
        if let index = names.firstIndex(of: word) {
            return SignalName(number: Int32(index) + 1)
        }
        if let number = Number.digits(word), let signal = SignalName(checking: number) {
            return signal
        }
        if word.hasPrefix("RTMIN"), let offset = offset(word.dropFirst(5), sign: "+"),
            let signal = SignalName(checking: Int(realTime.lowerBound) + offset)
        {
            return signal
        }
        if word.hasPrefix("RTMAX"), let offset = offset(word.dropFirst(5), sign: "-"),
            let signal = SignalName(checking: Int(realTime.upperBound) - offset)
        {
            return signal
        }
        guard let near = Nearest.of(word, among: names) else {
            throw ValueError("'\(text)' is not a signal; use a name such as TERM, HUP or USR1")
        }
        throw ValueError("'\(text)' is not a signal; did you mean '\(near)'?")
    }

    private init?(checking number: Int) {
        guard let small = Int32(exactly: number), (1...64).contains(small) else { return nil }
        if (32..<SignalName.realTime.lowerBound).contains(small) { return nil }
        self.number = small
    }

    private static func offset(_ text: Substring, sign: Character) -> Int? {
        if text.isEmpty { return 0 }
        guard text.first == sign, let value = Number.digits(String(text.dropFirst())) else {
            return nil
        }
        return value <= 30 ? value : nil
    }

    package var description: String {
        let index = Int(number) - 1
        if SignalName.names.indices.contains(index) { return SignalName.names[index] }
        return "RTMIN+\(number - SignalName.realTime.lowerBound)"
    }
}
