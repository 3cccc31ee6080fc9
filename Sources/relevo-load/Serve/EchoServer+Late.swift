import Kernel

extension EchoServer {
    /// Holds answers back, copied out of the batch.
    func delay(_ count: Int, of served: ServedSocket) {
        let wasEmpty = late.isEmpty
        let due = MonotonicClock.now() + misbehaviour.slowAnswer.duration
        for index in 0..<count {
            late.append(
                LateAnswers.Entry(
                    due: due, bytes: served.batch[bytes: index],
                    peer: served.batch[peer: index], local: served.batch[local: index],
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
            batch[bytes: 0] = entry.bytes
            batch[peer: 0] = entry.peer
            batch[local: 0] = entry.local
            try send(0..<1, of: entry.socket)
        }
    }
}
