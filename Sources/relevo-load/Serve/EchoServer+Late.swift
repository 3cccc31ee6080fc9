import Kernel

extension EchoServer {
    /// Holds answers back, copied out of the batch.
    func delay(_ count: Int, of served: ServedSocket) {
        let wasEmpty = late.isEmpty
        let due = MonotonicClock.now() + misbehaviour.slowAnswer.duration
        for index in 0..<count {
            late.append(
                LateAnswers.Entry(
                    due: due, bytes: served.batch.bytes(of: index),
                    peer: served.batch.peer(of: index), local: served.batch.local(of: index),
                    socket: served))
        }
        if wasEmpty { scheduleLate() }
    }

    private func scheduleLate() {
        guard let due = late.nextDue else { return }
        schedule(after: due - MonotonicClock.now()) { server in
            try server.sendDue()
            server.scheduleLate()
        }
    }

    private func sendDue() throws {
        let now = MonotonicClock.now()
        while let entry = late.takeDue(at: now) {
            let batch = entry.socket.batch
            batch.store(entry.bytes, of: 0)
            batch.address(0, to: entry.peer, from: entry.local)
            try send(0..<1, of: entry.socket)
        }
    }
}
