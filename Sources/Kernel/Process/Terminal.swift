import Glibc

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
