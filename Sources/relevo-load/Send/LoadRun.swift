import Kernel

/// A load of flows on one UDP server: sends in an event loop, and judges every answer.
final class LoadRun {
    let plan: LoadPlan
    let loop: EventLoop
    var tally = Tally()
    var flows: [FlowRecord] = []
    /// Flows that have ended while answers were still due, with the socket they alone used.
    var ending: [UInt64: (record: FlowRecord, source: SourceSocket?)] = [:]
    /// The newest generation that has answered.
    var newest: UInt32 = 0
    var sources: SourceSockets
    let number: UInt64
    /// Sends nothing while this says so.
    var hold: (() -> Bool)?
    /// What flows whose process was killed lose is no fault.
    var killed: KilledProcesses?
    /// The run speaks DNS, if so.
    var dns: DNSDialogue?
    let outgoing = DatagramBatch(capacity: 64, datagramSize: 2048)
    let incoming = DatagramBatch(capacity: 64, datagramSize: 2048)
    var phase: Phase = .idle
    /// When the last datagram was sent.
    private(set) var sendingEnded: Duration?
    private var firstFailure: (any Error)?

    /// What the run is doing.
    enum Phase {
        case idle
        /// Sending until the datagrams or the time are used up.
        case sending(Sending)
        /// Waiting for the last answers.
        case settling(until: Duration, then: () -> Void)
    }

    /// The state of sending.
    struct Sending {
        var datagrams: Pace
        var opens: Pace
        var left: UInt64?
        var deadline: Duration?
        var cursor = 0
        var openCursor = 0
        /// When a datagram last went out; a window full of lost ones must not hold up for ever.
        var lastSent: Duration
        let then: () -> Void
    }

    init(_ plan: LoadPlan, in loop: EventLoop) throws {
        self.plan = plan
        self.loop = loop
        number = MonotonicClock.nanoseconds()
        sources = try SourceSockets(for: plan)
        dns = plan.dns.map { DNSDialogue($0) }
        flows.reserveCapacity(plan.flows)
        for slot in 0..<plan.flows {
            let source = sources.source(ofSlot: slot, of: plan.flows)
            flows.append(try newFlow(UInt64(slot), from: source))
        }
        for source in sources.sockets { try watch(source) }
    }

    /// Sends at the plan's rate until `count` datagrams are out or the time is over, then waits
    /// for the last answers and calls `then`.
    ///
    /// - Parameter rate: another rate than the plan's.
    func send(
        _ count: UInt64? = nil, for duration: Duration? = nil, rate: Double? = nil,
        then: @escaping () -> Void
    ) {
        let now = MonotonicClock.now()
        phase = .sending(
            Sending(
                datagrams: Pace(rate: rate ?? plan.rate, from: now),
                opens: Pace(rate: plan.openRate, from: now), left: count,
                deadline: duration.map { now + $0 }, lastSent: now, then: then))
        tick()
    }

    /// Ends the sending early; the last answers are waited for as ever.
    func stopSending() {
        guard case .sending(let sending) = phase else { return }
        settle(then: sending.then)
    }

    /// Throws what went wrong inside the event loop.
    func rethrow() throws { if let firstFailure { throw firstFailure } }

    /// Runs a handler; the first failure ends the loop.
    func reporting(_ work: () throws -> Void) {
        do {
            try work()
        } catch {
            firstFailure = firstFailure ?? error
            phase = .idle
            loop.stop()
        }
    }

    /// Counts the drops of its own sockets and refusals that wait; done before every report.
    func takeStock() throws {
        tally.flushGeneration()
        var drops: UInt64 = closedDrops
        for source in sources.sockets {
            drops += UInt64(try source.socket.memory().drops)
            tally.refused += UInt64(try source.socket.takeRefusals())
        }
        tally.ownDrops = drops
    }

    /// Drops of sockets that have been closed.
    var closedDrops: UInt64 = 0

    private func tick() {
        reporting {
            guard case .sending(var sending) = phase else { return }
            let isOver = try advance(&sending)
            phase = .sending(sending)
            if isOver { return settle(then: sending.then) }
            _ = loop.schedule(at: MonotonicClock.now() + .milliseconds(1)) { [unowned self] in
                tick()
            }
        }
    }

    private func settle(then: @escaping () -> Void) {
        let now = MonotonicClock.now()
        sendingEnded = now
        phase = .settling(until: now + plan.timeout, then: then)
        checkSettled()
    }

    /// Answers that never come are waited for until the timeout; once all are in, no longer.
    private func checkSettled() {
        reporting {
            guard case .settling(let until, let then) = phase else { return }
            for source in sources.sockets { try receive(from: source) }
            let isOver = plan.unanswered || tally.unanswered == 0
            if isOver || MonotonicClock.now() >= until {
                try takeStock()
                phase = .idle
                return then()
            }
            _ = loop.schedule(at: MonotonicClock.now() + .milliseconds(5)) { [unowned self] in
                checkSettled()
            }
        }
    }
}
