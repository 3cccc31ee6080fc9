/// What the client knows of one flow.
struct FlowRecord {
    /// Never used twice in a run: the slot's number below, how often the slot was used above.
    let number: UInt64
    /// Which of the run's source sockets it uses.
    let source: Int
    /// The IPv4 source address it uses; nil for the socket's own.
    let local: UInt32?
    private(set) var sent: UInt64 = 0
    private(set) var answered: UInt64 = 0
    /// The newest generation that had answered anything when the flow was opened: its first
    /// datagram was sent after that flip, so no older one may get it.
    private var floor: UInt32 = 0
    /// Who answered last.
    private(set) var server = ServerIdentity(generation: 0, worker: 0, process: 0)
    /// The process that knew it and was killed.
    private var dead: ServerIdentity?
    /// Whether it may have one more home since.
    private var isBereaved = false
    private var lastSequence: UInt64 = 0
    private var lastCount: UInt64 = 0
    /// Which of the last 64 datagrams up to `lastSequence` have been answered.
    private var window: UInt64 = 0

    init(number: UInt64, source: Int, local: UInt32?) {
        self.number = number
        self.source = source
        self.local = local
    }

    var slot: Int { Int(truncatingIfNeeded: number & 0xffff_ffff) }

    /// The generation that answered last; nil before the first answer.
    var generation: UInt32? { answered == 0 ? nil : server.generation }

    /// Counts one datagram out and says its sequence number. Where servers keep no state, each
    /// datagram is like a flow of its own.
    mutating func send(newest: UInt32, stateless: Bool) -> UInt64 {
        if sent == 0 || stateless { floor = newest }
        sent += 1
        return sent - 1
    }

    /// Counts one answer in. Where servers keep no state, only its age can be wrong.
    ///
    /// - Parameter killed: processes that a flow may have lost.
    mutating func take(
        _ answer: EchoAnswer, stateless: Bool, killed: Set<ServerIdentity> = []
    ) -> Verdict {
        let sequence = answer.request.sequence
        guard isFirstAnswer(to: sequence) else { return .duplicate }
        defer { answered += 1 }
        if isLate(answer) {
            note(sequence)
            return []
        }
        var verdict: Verdict = []
        if stateless {
            if sequence + 1 == sent, answer.server.generation < floor { verdict = .stale }
        } else if answered == 0 {
            if answer.server.generation < floor { verdict = .stale }
            // What was sent to a process that was killed is read by another one, and known nowhere.
            dead = killed.first { Self.isSameWorker($0, answer.server) && $0 != answer.server }
            isBereaved = dead != nil
        } else if answer.server.process != server.process, killed.contains(server) {
            // It starts over where the supervisor has it go.
            isBereaved = true
            dead = server
        } else if isBereaved, answer.server.generation > server.generation {
            // A process that took a dead one's place in a drain has only read its queue.
            isBereaved = false
        } else if !Self.isSameWorker(answer.server, server) {
            verdict = .moved
        } else if answer.server.process != server.process
            || (sequence > lastSequence) != (answer.count > lastCount)
        {
            verdict = .restarted
        }
        remember(answer)
        return verdict
    }

    /// Whether it was sent to a process that was killed, and read by the one that took its place, after what was
    /// sent later was answered elsewhere.
    private func isLate(_ answer: EchoAnswer) -> Bool {
        guard let dead, answer.request.sequence < lastSequence else { return false }
        return Self.isSameWorker(answer.server, dead) && answer.server.process != server.process
    }

    private static func isSameWorker(_ one: ServerIdentity, _ other: ServerIdentity) -> Bool {
        one.generation == other.generation && one.worker == other.worker
    }

    /// Beyond the window nothing is known, and no duplicate is claimed.
    private func isFirstAnswer(to sequence: UInt64) -> Bool {
        guard answered > 0, sequence <= lastSequence, lastSequence - sequence < 64 else {
            return true
        }
        return window & (1 << (lastSequence - sequence)) == 0
    }

    private mutating func remember(_ answer: EchoAnswer) {
        let sequence = answer.request.sequence
        server = answer.server
        if answered == 0 || sequence > lastSequence {
            let step = answered == 0 ? 64 : sequence - lastSequence
            window = (step < 64 ? window << step : 0) | 1
            lastSequence = sequence
            lastCount = answer.count
        } else {
            note(sequence)
        }
    }

    /// Remembers that an earlier one than the last was answered.
    private mutating func note(_ sequence: UInt64) {
        if lastSequence - sequence < 64 { window |= 1 << (lastSequence - sequence) }
    }
}
