import Kernel

/// A load of sessions with ids on one server: sends in an event loop, changes addresses and ids, judges
/// every answer.
final class SessionLoad {
    private let plan: SessionPlan
    private let loop: EventLoop
    private let signals: SignalDescriptor
    private let run = MonotonicClock.nanoseconds()
    private(set) var tally = SessionTally()
    private var sessions: [ClientSession] = []
    private var byNumber: [UInt64: ClientSession] = [:]
    /// Sockets that sessions have left, for the answers that are on their way, with when that is over.
    private var left: [(socket: SessionSocket, until: Duration)] = []
    private var newest: UInt32 = 0
    private var nextNumber: UInt64 = 0
    private var cursor = 0
    private var pace: Pace
    private var opens: Pace
    private var changes: [(kind: ClientSession.Change, pace: Pace, cursor: Int)]
    private let start: Duration
    private let deadline: Duration
    private var sendingEnded: Duration?
    private var isStopped = false
    private var failure: (any Error)?
    private let batch = DatagramBatch(capacity: 32)

    init(_ plan: SessionPlan, for duration: Duration) throws {
        self.plan = plan
        loop = try EventLoop()
        signals = try SignalDescriptor(for: [SignalNumber.interrupt, SignalNumber.terminate])
        let now = MonotonicClock.now()
        start = now
        deadline = now + duration
        pace = Pace(rate: plan.rate, from: now)
        opens = Pace(rate: plan.openRate, from: now)
        let times: [(ClientSession.Change, Duration?)] = [
            (.rebind, plan.rebind), (.rotate, plan.rotate), (.migrate, plan.migrate),
        ]
        // Evenly over the time: that many a second of all sessions.
        changes = times.compactMap { kind, time in
            time.map { time in
                (kind, Pace(rate: Double(plan.sessions) / max(0.001, time.seconds), from: now), 0)
            }
        }
        let limit = try ResourceLimit.openFiles.read()
        let wanted = UInt64(plan.sessions * 4 + 64)
        if limit.soft < wanted {
            try ResourceLimit.openFiles.set(soft: min(wanted, limit.hard), hard: limit.hard)
        }
        for _ in 0..<plan.sessions { sessions.append(try open()) }
    }

    /// How long datagrams were sent.
    var elapsed: Duration { (sendingEnded ?? MonotonicClock.now()) - start }

    /// Sends for the whole time, waits for the last answers and returns; a signal ends the sending early.
    func send() throws {
        _ = try loop.register(signals) { [unowned self] _ in
            if (try? signals.next()) != nil { isStopped = true }
        }
        tick()
        try loop.run()
        if let failure { throw failure }
    }

    private func reporting(_ work: () throws -> Void) {
        do {
            try work()
        } catch {
            failure = failure ?? error
            loop.stop()
        }
    }

    private func tick() {
        reporting {
            let now = MonotonicClock.now()
            try closeLeft(at: now)
            if sendingEnded == nil, isStopped || now >= deadline { sendingEnded = now }
            if let sendingEnded {
                let isSettled = byNumber.values.allSatisfy { $0.pending.isEmpty }
                if isSettled || now >= sendingEnded + plan.timeout {
                    try takeStock()
                    return loop.stop()
                }
            } else {
                try advance(at: now)
            }
            _ = loop.schedule(at: now + .milliseconds(1)) { [unowned self] in tick() }
        }
    }

    private func advance(at now: Duration) throws {
        for at in changes.indices {
            for _ in 0..<changes[at].pace.take(at: now) {
                let place = changes[at].cursor % sessions.count
                changes[at].cursor += 1
                try change(sessions[place], changes[at].kind, at: now)
            }
        }
        for _ in 0..<opens.take(at: now) {
            let place = Int.random(in: sessions.indices)
            try leave(sessions[place].socket, at: now)
            sessions[place] = try open()
        }
        for _ in 0..<pace.take(at: now) {
            let place = cursor % sessions.count
            cursor += 1
            // One that is broken begins anew.
            if sessions[place].isBroken {
                try leave(sessions[place].socket, at: now)
                sessions[place] = try open()
            }
            try send(sessions[place])
        }
    }

    // MARK: Sockets

    private func makeSocket(host: UInt32?) throws -> SessionSocket {
        let made = try SessionSocket(towards: plan.target, host: host)
        made.token = try loop.register(made.socket) { [unowned self, unowned made] _ in
            reporting { try receive(from: made) }
        }
        return made
    }

    private func leave(_ socket: SessionSocket, at now: Duration) throws {
        left.append((socket, now + plan.timeout))
    }

    private func closeLeft(at now: Duration) throws {
        let over = left.prefix { $0.until <= now }
        for (socket, _) in over { try close(socket) }
        left.removeFirst(over.count)
    }

    private func close(_ socket: SessionSocket) throws {
        try receive(from: socket)
        tally.refused += UInt64(try socket.socket.takeRefusals())
        tally.ownDrops += UInt64(try socket.socket.memory().drops)
        if let token = socket.token { loop.remove(token) }
    }

    private func takeStock() throws {
        for session in sessions { try close(session.socket) }
        for (socket, _) in left { try close(socket) }
        left = []
    }

    // MARK: Sessions

    private func open() throws -> ClientSession {
        let host = SessionSocket.host(towards: plan.target)
        let session = ClientSession(
            nextNumber, plan.form, try makeSocket(host: host), floor: newest)
        nextNumber += 1
        byNumber[session.number] = session
        tally.opened += 1
        return session
    }

    private func change(
        _ session: ClientSession, _ kind: ClientSession.Change, at now: Duration
    ) throws {
        // A handshake is no place to change anything, and an id that was used is none to migrate with.
        guard session.home != nil, !session.isBroken, !session.mustConfirm else { return }
        switch kind {
        case .none: return
        case .rebind:
            try leave(session.socket, at: now)
            session.socket = try makeSocket(host: session.socket.host)
        case .rotate:
            if plan.form == .wireguard {
                session.isWaiting = false
                session.ids = []
            } else {
                guard session.ids.count > 1 else { return }
                session.ids.removeFirst()
            }
        case .migrate:
            guard session.ids.count > 1 else { return }
            session.ids.removeFirst()
            try leave(session.socket, at: now)
            session.socket = try makeSocket(host: SessionSocket.host(towards: plan.target))
        }
        session.lastChange = kind
        tally.count(kind)
        try send(session)
    }

    private func send(_ session: ClientSession) throws {
        var body = SessionBody(
            flow: session.number, sequence: session.sequence, sent: MonotonicClock.nanoseconds(),
            run: run)
        body.wantsIDs = plan.form.givesIDs && session.ids.count < 3 && session.home != nil
        let kind: SessionProtocol.Kind
        if let id = session.ids.first {
            kind = session.mustConfirm ? .handshake : .data
            batch[bytes: 0] = plan.form.bytes(
                .init(kind: kind, id: id, own: session.own, body: body))
        } else {
            if session.isWaiting { return }
            session.isWaiting = true
            batch[bytes: 0] = plan.form.bytes(
                .init(kind: .open, id: session.opening, own: session.own, body: body))
        }
        batch[peer: 0] = plan.target
        batch[local: 0] = nil
        session.pending[session.sequence] = body.sent
        session.sequence += 1
        tally.sent += 1
        while try batch.send(through: session.socket.socket, 0..<1) == 0 {
            _ = try session.socket.socket.wait(for: .writable, within: .seconds(1))
        }
    }

    // MARK: Answers

    private func receive(from socket: SessionSocket) throws {
        while true {
            let count = try batch.receive(from: socket.socket)
            for index in 0..<count {
                guard let answer = plan.form.answer(batch[bytes: index]) else { continue }
                take(answer.body, id: answer.id)
            }
            if count < batch.capacity { return }
        }
    }

    private func take(_ body: SessionBody, id: [UInt8]?) {
        guard body.run == run, let session = byNumber[body.flow],
            session.pending.removeValue(forKey: body.sequence) != nil
        else { return }
        tally.answered += 1
        tally.generations[body.server.generation, default: 0] += 1
        newest = max(newest, body.server.generation)
        if let home = session.home, body.server != home { tally.misrouted += 1 }
        guard body.isKnown else {
            // What was under way at the same time tells the same.
            if !session.isBroken { tally.countBroken(after: session.lastChange) }
            session.isBroken = true
            return
        }
        if session.home == nil {
            session.home = body.server
            if body.server.generation < session.floor { tally.stale += 1 }
        }
        if let id, session.ids.isEmpty {
            session.ids = [id]
            session.isWaiting = false
            session.mustConfirm = plan.form == .quic
        } else if session.mustConfirm {
            session.mustConfirm = false
        }
        session.ids += body.ids.prefix(max(0, 8 - session.ids.count))
    }
}
