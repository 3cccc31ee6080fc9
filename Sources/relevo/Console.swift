import Kernel

/// Standard output and standard error, line by line and unbuffered.
enum Console {
    /// Whether a person is likely to watch standard output.
    static let isTerminal = StandardStream.output.isTerminal()

    /// Of the terminal that standard output is; nil where it is none.
    static let width = isTerminal ? StandardStream.output.terminalWidth() ?? 80 : nil

    /// Whether to use bold and colour: on a terminal, unless NO_COLOR or a dumb one forbids it.
    static let isStyled =
        isTerminal && (Environment.value(of: "NO_COLOR") ?? "").isEmpty
        && Environment.value(of: "TERM") != "dumb"

    /// False when nobody reads any more.
    @discardableResult
    static func say(_ line: String) -> Bool { write(line + "\n", to: .output) }

    static func complain(_ line: String) { write(line + "\n", to: .error) }

    /// Puts a question to a person, whose answer stands behind it.
    static func ask(_ question: String) { write(question, to: .error) }

    /// The next line of standard input; nil at its end.
    static func answer() -> String? { readLine() }

    /// Puts a passing text on the terminal's last line, in place of the one before; "" clears it.
    static func showProgress(_ text: String) {
        guard isTerminal else { return }
        let width = StandardStream.output.terminalWidth() ?? 80
        write("\r\u{1b}[K" + text.prefix(max(width - 1, 0)), to: .output)
    }

    @discardableResult
    private static func write(_ text: String, to stream: StandardStream) -> Bool {
        do throws(KernelError) {
            try stream.writeAll(Array(text.utf8))
            return true
        } catch {
            return false
        }
    }
}
