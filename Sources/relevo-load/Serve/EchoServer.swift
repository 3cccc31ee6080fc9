import Kernel

/// The server behind `relevo-load serve`: one thread, one event loop.
final class EchoServer {
    let sockets: ServedSockets
    let misbehaviour: Misbehaviour
    private let blocking: Bool
    private let stateless: Bool
    let identity = ServerIdentity.this
    let loop: EventLoop
    private let signals: SignalDescriptor
    /// The connections that have not been answered, by their number.
    var openConnections: [UInt64: ServedConnection] = [:]
    private var states = FlowStates()
    /// Of sessions that have ids, beside flows; nil where none have.
    var sessions: SessionStates?
    var late = LateAnswers()
    private var datagrams: UInt64 = 0
    private var batches: UInt64 = 0
    var connections: UInt64 = 0
    var failure: (any Error)?

    init(
        _ sockets: ServedSockets, stateless: Bool, blocking: Bool, _ misbehaviour: Misbehaviour
    ) throws {
        self.sockets = sockets
        self.stateless = stateless
        self.blocking = blocking
        self.misbehaviour = misbehaviour
        loop = try EventLoop()
        // A server that blocks in a read could not learn of a signal through a descriptor.
        signals = try SignalDescriptor(
            for: blocking ? [] : [SignalNumber.terminate, SignalNumber.interrupt])
    }

    /// One line of figures.
    var summary: String {
        "relevo-load serve: \(datagrams) datagrams in \(batches) batches, "
            + "\(connections) connections, generation \(identity.generation)"
    }

    /// Serves until SIGTERM or SIGINT.
    func run() throws {
        _ = try loop.register(signals) { [unowned self] _ in reporting { try handleSignals() } }
        let delay = misbehaviour.readyDelay.duration
        if delay > .zero {
            schedule(after: delay) { try $0.begin() }
        } else {
            try begin()
        }
        if failure == nil { try loop.run() }
        if let failure { throw failure }
    }

    private func begin() throws {
        if misbehaviour.neverReady { return }
        if !blocking { try takeSockets() }
        try notify("READY=1\nSTATUS=Serving generation \(identity.generation)")
        if let crash = misbehaviour.crashAfter {
            schedule(after: crash.duration) { _ in preconditionFailure("crashing as asked") }
        }
        if blocking { try readForEver() }
    }

    /// A server that hangs has been seen to wait on its sockets, then looks at them no more.
    private func takeSockets() throws {
        for served in sockets.datagrams {
            var token: EventLoop.Token?
            token = try loop.register(served.socket) { [unowned self] _ in
                if misbehaviour.hang, let token { return loop.remove(token) }
                reporting { try answer(served, until: .batch) }
            }
        }
        for listener in sockets.listeners {
            _ = try loop.register(listener.listener) { [unowned self] _ in
                reporting { try accept(from: listener) }
            }
        }
    }

    private func handleSignals() throws {
        guard try signals.next() != nil else { return }
        if misbehaviour.hang || misbehaviour.ignoreStop { return }
        if misbehaviour.abrupt { return loop.stop() }
        try notify("STOPPING=1")
        for served in sockets.datagrams { try answer(served, until: .empty) }
        for listener in sockets.listeners { try accept(from: listener) }
        stopWhenDone()
    }

    /// Work in flight is finished first.
    private func stopWhenDone() {
        if late.isEmpty && openConnections.isEmpty { return loop.stop() }
        schedule(after: .milliseconds(5)) { $0.stopWhenDone() }
    }

    private enum Extent { case batch, empty }

    /// Answers what is queued: one batch of it, or all.
    private func answer(_ served: ServedSocket, until extent: Extent) throws {
        while true {
            let count = try served.batch.receive(from: served.socket)
            try answer(count, of: served)
            if count == 0 || (extent == .batch && count < served.batch.capacity) { return }
        }
    }

    func answer(_ count: Int, of served: ServedSocket) throws {
        guard count > 0 else { return }
        datagrams += UInt64(count)
        batches += 1
        let batch = served.batch
        var isMixed = false
        for index in 0..<count {
            if let answer = sessions?.answer(to: batch[bytes: index], as: identity) {
                batch[bytes: index] = answer
                continue
            }
            guard let request = Request(batch, index) else {
                isMixed = true
                continue
            }
            let key = FlowKey(peer: batch[peer: index], local: batch[local: index])
            let seen = stateless ? 1 : states.count(request, of: key)
            EchoAnswer.write(identity, count: seen, to: batch, index)
        }
        if misbehaviour.answer == .no { return }
        if misbehaviour.answer == .known, isMixed { return try sendKnown(count, of: served) }
        if misbehaviour.slowAnswer.duration > .zero { return delay(count, of: served) }
        try send(0..<count, of: served)
    }

    /// Sends the answers among what has been received, and sends nothing else back.
    private func sendKnown(_ count: Int, of served: ServedSocket) throws {
        for index in 0..<count where EchoAnswer(served.batch, index) != nil {
            try send(index..<index + 1, of: served)
        }
    }

    func send(_ range: Range<Int>, of served: ServedSocket) throws {
        var rest = range
        while !rest.isEmpty {
            let sent = try served.batch.send(through: served.socket, rest)
            rest = rest.dropFirst(sent)
            if !rest.isEmpty { _ = try served.socket.wait(for: .writable, within: .seconds(1)) }
        }
    }
}
