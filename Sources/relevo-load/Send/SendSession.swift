import Kernel

/// One run of `relevo-load send`: the load, its progress line and Ctrl-C.
final class SendSession {
    private let loop: EventLoop
    private let signals: SignalDescriptor
    private let load: LoadRun
    private let duration: Duration
    private let start = MonotonicClock.now()
    private let showsProgress: Bool

    init(_ plan: LoadPlan, for duration: Duration) throws {
        loop = try EventLoop()
        signals = try SignalDescriptor(for: [SignalNumber.interrupt, SignalNumber.terminate])
        load = try LoadRun(plan, in: loop)
        self.duration = duration
        showsProgress = StandardStream.error.isTerminal()
    }

    var tally: Tally { load.tally }

    /// A DNS server's responses by what they say.
    var responses: [DNSQuery.ResponseCode: UInt64] { load.dns?.codes ?? [:] }

    /// How long datagrams were sent.
    var elapsed: Duration { (load.sendingEnded ?? MonotonicClock.now()) - start }

    /// Sends, waits for the last answers and returns; a signal ends the sending early.
    func run() throws {
        _ = try loop.register(signals) { [unowned self] _ in
            if (try? signals.next()) != nil { load.stopSending() }
        }
        load.send(for: duration) { [unowned self] in loop.stop() }
        if showsProgress { showProgress() }
        try loop.run()
        if showsProgress { Terminal.endProgress() }
        try load.rethrow()
    }

    private func showProgress() {
        let tally = load.tally
        Terminal.progress(
            "\(elapsed.short)  sent \(tally.sent)  answered \(tally.answered)  "
                + "under way \(tally.unanswered)  misrouted \(tally.moved + tally.restarted)  "
                + "generation \(load.newest)")
        _ = loop.schedule(at: MonotonicClock.now() + .milliseconds(500)) { [unowned self] in
            showProgress()
        }
    }
}
