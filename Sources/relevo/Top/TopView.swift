import ControlClient
import ControlProtocol
import Kernel

/// Owns the terminal while the live view is on it: reads keys, looks at services, draws. What is shown, and what
/// keys do, `TopModel` and `TopScreen` decide.
final class TopView {
    /// What a terminal that reads slowly has not taken yet is no longer than this before the next picture waits.
    private static let chunk = 65_536
    /// How long the terminal may take to be as it was.
    private static let patience = Duration.seconds(1)
    /// Another screen, without a cursor, that does not wrap; pasted text is marked.
    private static let enter = "\u{1b}[?1049h\u{1b}[?25l\u{1b}[?7l\u{1b}[?2004h"
    private static let leave = "\u{1b}[?2004l\u{1b}[?7h\u{1b}[0m\u{1b}[?25h\u{1b}[?1049l"

    private let loop: EventLoop
    private let terminal: Terminal
    private let signals: SignalDescriptor
    private let paths: () -> [String]
    private let interval: Duration
    private let limit: Duration
    private let isUTF8: Bool
    private let isStyled: Bool
    private let shownInterval: String
    private var model: TopModel
    private var keys = TopKeys()
    private var size: (columns: Int, rows: Int) = (80, 24)
    /// The lines on the screen, as they were sent; nil where nothing is known of it.
    private var drawn: [String]?
    private var pending: [UInt8] = []
    private var token: EventLoop.Token?
    private var waitsToWrite = false
    private var isOn = false
    private var survey: StatusSurvey?
    private var errand: Errand<String?>?
    private var failure: KernelError?

    /// - Parameters:
    ///   - paths: finds the control sockets of the services that are meant, at each look.
    ///   - interval: between two looks.
    ///   - limit: for the answers to one look.
    init(
        _ model: TopModel, on terminal: Terminal, every interval: Duration, _ shown: String,
        within limit: Duration, paths: @escaping () -> [String]
    ) throws(KernelError) {
        self.model = model
        self.terminal = terminal
        self.interval = interval
        self.limit = limit
        self.paths = paths
        shownInterval = shown
        isUTF8 = ScreenText.isUTF8 { Environment.value(of: $0) }
        isStyled = Console.isStyled
        loop = try EventLoop()
        signals = try SignalDescriptor(for: [
            SignalNumber.interrupt, SignalNumber.terminate, SignalNumber.hangUp,
            SignalNumber.quit, SignalNumber.terminalStop, SignalNumber.resume,
            SignalNumber.windowChange,
        ])
    }

    /// Returns when it is to end. The terminal is then as it was, whatever happened.
    func run() throws(KernelError) {
        _ = try loop.register(signals) { [unowned self] _ in takeSignals() }
        try turnOn()
        defer { turnOff() }
        token = try loop.register(terminal) { [unowned self] readiness in
            if readiness.contains(.writable) { flush() }
            if readiness != .writable { readKeys() }
        }
        look()
        try loop.run()
        if let failure { throw failure }
    }

    // MARK: The terminal

    private func turnOn() throws(KernelError) {
        try terminal.takeOver()
        isOn = true
        size = terminal.size() ?? size
        drawn = nil
        pending += Array(Self.enter.utf8)
        draw()
    }

    private func turnOff() {
        guard isOn else { return }
        isOn = false
        pending += Array(Self.leave.utf8)
        let deadline = MonotonicClock.now() + Self.patience
        // Who does not read gets no more.
        while !pending.isEmpty, MonotonicClock.now() < deadline {
            guard let count = try? terminal.write(pending[...]) else { break }
            pending.removeFirst(count)
            if count == 0 { _ = try? terminal.wait(for: .writable, within: .milliseconds(100)) }
        }
        pending = []
        terminal.giveBack()
    }

    private func takeSignals() {
        var hasStopped = false
        while let received = (try? signals.next()) ?? nil {
            switch received.signal {
            case SignalNumber.windowChange:
                size = terminal.size() ?? size
                drawn = nil
                draw()
            case SignalNumber.terminalStop:
                turnOff()
                do throws(KernelError) { try stopOwnProcess() } catch { return end(error) }
                hasStopped = true
            case SignalNumber.resume: hasStopped = true
            // Who ends it in the background does not have it wait for the terminal first.
            default: return loop.stop()
            }
        }
        if hasStopped { resume() }
    }

    /// Somebody has it go on; how the terminal is by now nobody knows.
    private func resume() {
        if isOn { terminal.giveBack() }
        isOn = false
        do throws(KernelError) {
            try turnOn()
        } catch {
            end(error)
        }
    }

    private func end(_ error: KernelError) {
        failure = error
        loop.stop()
    }

    private func readKeys() {
        do throws(KernelError) {
            guard let bytes = try terminal.read(upTo: 1024) else { return }
            // The terminal is gone.
            guard !bytes.isEmpty else { return loop.stop() }
            press(keys.take(bytes))
        } catch {
            end(error)
        }
    }

    private func draw() {
        // The next picture is drawn once this one is on the screen.
        guard isOn, pending.count < Self.chunk else { return }
        let screen = TopScreen(
            model: model, isUTF8: isUTF8, now: MonotonicClock.now(), interval: shownInterval)
        let lines = screen.lines(columns: size.columns, rows: size.rows).map { line in
            // A full line leaves the cursor on its last column, which would be erased.
            line.shown(styled: isStyled) + (line.width < size.columns ? "\u{1b}[K" : "")
        }
        if drawn == nil { pending += Array("\u{1b}[2J".utf8) }
        for (row, line) in lines.enumerated() where drawn.map({ $0[row] != line }) ?? true {
            pending += Array("\u{1b}[\(row + 1);1H\(line)".utf8)
        }
        drawn = lines
        flush()
    }

    private func flush() {
        do throws(KernelError) {
            while !pending.isEmpty {
                let count = try terminal.write(pending.prefix(Self.chunk))
                if count == 0 { break }
                pending.removeFirst(count)
            }
            guard let token, waitsToWrite == pending.isEmpty else { return }
            waitsToWrite = !pending.isEmpty
            try loop.change(token, to: waitsToWrite ? [.readable, .writable] : .readable)
        } catch {
            end(error)
        }
    }

    // MARK: Looks and keys

    private func look() {
        let began = MonotonicClock.now()
        survey = StatusSurvey(
            of: paths(), within: limit, in: loop
        ) { [unowned self] looks in
            model.take(looks, left: TopView.left(looks), at: began)
            // ssh may have complained on the screen.
            if RemoteHost.chosen != nil { drawn = nil }
            draw()
            let next = max(began + interval, MonotonicClock.now())
            _ = loop.schedule(at: next) { [unowned self] in look() }
        }
    }

    /// What is left of those whose supervisor is gone.
    static func left(_ looks: [ServiceLook]) -> [String: String] {
        looks.reduce(into: [:]) { left, look in
            if case .failure(.gone) = look.answer {
                left[look.path] = LeftService(ofControl: look.path)?.state
            }
        }
    }

    private func press(_ keys: [TopKey]) {
        switch model.press(keys, at: MonotonicClock.now()) {
        case nil: draw()
        case .quit: loop.stop()
        case .ask(let request, let path):
            draw()
            carryOut(request, path)
        }
    }

    /// Asks in a thread: a supervisor that stands still must not keep the view from its keys.
    private func carryOut(_ request: ControlRequest, _ path: String) {
        do throws(KernelError) {
            errand = try Errand(in: loop) {
                TopView.refusal(of: request, path)
            } then: {
                [unowned self] refusal in
                model.answered(refusal, at: MonotonicClock.now())
                draw()
            }
        } catch {
            model.answered("\(error)", at: MonotonicClock.now())
            draw()
        }
    }

    /// Why it was not done; nil where it was.
    private static func refusal(of request: ControlRequest, _ path: String) -> String? {
        do throws(Failure) {
            let connection = try ControlConnection(to: path)
            try connection.send(ControlCall(try connection.understood(request)))
            _ = try connection.reply(as: DoneReply.self, within: .seconds(10))
            return nil
        } catch {
            return error.message
        }
    }
}
