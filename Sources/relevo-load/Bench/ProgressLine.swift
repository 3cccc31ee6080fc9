import Kernel

/// A line that tells how far a long benchmark is, where a person looks on.
final class ProgressLine {
    private let loop: EventLoop
    private let isShown = StandardStream.error.isTerminal()
    private let text: () -> String
    private var token: EventLoop.Token?

    init(in loop: EventLoop, _ text: @escaping () -> String) {
        self.loop = loop
        self.text = text
    }

    /// Shows the line, and anew twice a second.
    func begin() {
        guard isShown else { return }
        Terminal.progress(text())
        token = loop.schedule(at: MonotonicClock.now() + .milliseconds(500)) { [unowned self] in
            begin()
        }
    }

    /// Takes the line away.
    func end() {
        guard isShown else { return }
        if let token { loop.remove(token) }
        Terminal.endProgress()
    }
}
