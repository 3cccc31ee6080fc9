import Kernel

/// Lines for people.
enum Terminal {
    /// A line on standard error.
    static func complain(_ line: String) { write(line + "\n", to: .error) }

    /// A line on standard output.
    static func say(_ line: String) { write(line + "\n", to: .output) }

    /// A line on standard error that the next one replaces.
    static func progress(_ line: String) { write("\r\u{1b}[K" + line, to: .error) }

    /// Takes the last progress line away.
    static func endProgress() { write("\r\u{1b}[K", to: .error) }

    /// Nothing is done about output that nobody reads.
    private static func write(_ text: String, to stream: StandardStream) {
        try? stream.writeAll(Array(text.utf8))
    }
}
