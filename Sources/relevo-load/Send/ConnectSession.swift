import Kernel

/// A load of TCP connections, each of which asks once and is answered once; for `send` to a
/// `tcp://` address. A connection counts as sent when it is begun.
final class ConnectSession {
    private(set) var tally = Tally()
    private let plan: LoadPlan
    private let loop: EventLoop
    private let signals: SignalDescriptor
    private let number = MonotonicClock.nanoseconds()
    private let deadline: Duration
    private var pace: Pace
    private var open: [UInt64: Attempt] = [:]
    private var newest: UInt32 = 0
    private var failure: (any Error)?
    private var nextNumber: UInt64 = 0
    private var isStopped = false

    init(_ plan: LoadPlan, for duration: Duration) throws {
        self.plan = plan
        loop = try EventLoop()
        signals = try SignalDescriptor(for: [SignalNumber.interrupt, SignalNumber.terminate])
        let now = MonotonicClock.now()
        deadline = now + duration
        pace = Pace(rate: plan.rate, from: now)
    }

    /// Connects for the whole time, waits for the last answers and returns.
    func run() throws {
        _ = try loop.register(signals) { [unowned self] _ in
            if (try? signals.next()) != nil { isStopped = true }
        }
        tick()
        try loop.run()
        if let failure { throw failure }
        tally.flushGeneration()
    }

    private func tick() {
        let now = MonotonicClock.now()
        let isOver = isStopped || now >= deadline
        if isOver, open.isEmpty || now >= deadline + plan.timeout { return loop.stop() }
        do {
            if !isOver { for _ in 0..<pace.take(at: now) { try begin() } }
        } catch {
            failure = error
            return loop.stop()
        }
        _ = loop.schedule(at: now + .milliseconds(2)) { [unowned self] in tick() }
    }

    private func begin() throws {
        let flow = nextNumber
        nextNumber += 1
        tally.countSent(1)
        tally.flowsOpened += 1
        var record = FlowRecord(number: flow, source: 0, local: nil)
        let sequence = record.send(newest: newest, stateless: false)
        let request = Request(
            flow: flow, sequence: sequence, sent: MonotonicClock.nanoseconds(), run: number)
        do throws(KernelError) {
            let attempt = Attempt(
                try .connecting(to: plan.target, from: source(of: flow)), record, request)
            attempt.token = try loop.register(attempt.connection, for: .writable) {
                [unowned self] state in advance(flow, state)
            }
            open[flow] = attempt
        } catch {
            guard error.isRefusal else { throw error }
            tally.refused += 1
        }
    }

    /// Towards IPv4 loopback every address of 127.0.0.0/8 will do, which saves ports.
    private func source(of flow: UInt64) -> SocketAddress? {
        guard case .ipv4(let bits, _) = plan.target, bits >> 24 == 127 else { return nil }
        return .ipv4(0x7f01_0001 + UInt32(flow % 4096), port: 0)
    }

    private func advance(_ flow: UInt64, _ state: Readiness) {
        guard let attempt = open[flow] else { return }
        do throws(KernelError) {
            if let error = try attempt.connection.takeSocketError(of: "connect") { throw error }
            switch try attempt.advance() {
            case .waiting: return
            case .asked: if let token = attempt.token { try loop.change(token, to: .readable) }
            case .answered(let answer): count(answer, attempt); close(flow, attempt)
            case .closed: close(flow, attempt)
            }
        } catch {
            if error.isRefusal { tally.refused += 1 }
            close(flow, attempt)
        }
    }

    private func count(_ answer: EchoAnswer, _ attempt: Attempt) {
        let generation = answer.server.generation
        newest = max(newest, generation)
        let verdict = attempt.record.take(answer, stateless: false)
        let latency = MonotonicClock.nanoseconds() - attempt.request.sent
        tally.count(verdict, generation: generation, latency: latency)
    }

    private func close(_ flow: UInt64, _ attempt: Attempt) {
        if let token = attempt.token { loop.remove(token) }
        open[flow] = nil
    }
}
