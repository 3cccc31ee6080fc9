internal import CRelevoClient

extension WorkerCore {
    /// All sockets are being served.
    func ready() throws(RelevoError) {
        owed.ready = true
        try tell(orNotify: "READY=1")
    }

    /// How many sessions there are; a count told above 0 holds the drain.
    func sessions(_ count: UInt64) throws(RelevoError) {
        owed.sessions = min(count, UInt64(Int64.max))
        guard channel == nil, notifySocket != nil else { return try tell(orNotify: nil) }
        owed = Owed()
        var text: [UInt8] = []
        text.append(text: "STATUS=")
        text.append(number: count)
        text.append(text: " sessions")
        try notify(text)
    }

    /// No session is left: the worker wants to be stopped.
    func drained() throws(RelevoError) {
        owed.drained = true
        try tell(orNotify: nil)
    }

    /// Cannot serve, and why; the process should end by itself, too.
    func failed(_ reason: [UInt8], within limit: UInt64) throws(RelevoError) {
        if channel != nil {
            var packet = Packet("FAILED")
            packet.add("REASON", Packet.plain(reason))
            for answer in try ask(packet, as: .tell, within: limit) { answer.drop() }
        } else {
            var text: [UInt8] = []
            text.append(text: "STATUS=")
            try notify(text + Packet.plain(reason))
        }
    }

    /// Says what has not been said for want of room, in the order in which it makes sense.
    func payOwed() throws(RelevoError) {
        guard let number = channel?.socket.number, !owed.isNothing else { return }
        if owed.ready, try send(Packet("READY")) { owed.ready = false }
        if !owed.ready, let count = owed.sessions {
            var packet = Packet("SESSIONS")
            packet.add("COUNT", count)
            if try send(packet) { owed.sessions = nil }
        }
        if !owed.ready, owed.sessions == nil, owed.drained, try send(Packet("DRAINED")) {
            owed.drained = false
        }
        // As soon as there is room the program is woken, and takes the next event.
        _ = relevo_sys_epoll_writable(readiness.number, number, owed.isNothing ? 0 : 1)
    }

    private func tell(orNotify line: StaticString?) throws(RelevoError) {
        guard channel != nil else {
            owed = Owed()
            guard let line else { return }
            var text: [UInt8] = []
            text.append(text: line)
            return try notify(text)
        }
        do throws(RelevoError) {
            try payOwed()
        } catch {
            // The end of the channel is an event; there is nobody left to be told.
            guard error.reason == .ended else { throw error }
            end()
        }
    }

    /// Nothing without a notification socket.
    func notify(_ text: [UInt8], _ descriptors: [Int32] = []) throws(RelevoError) {
        guard let notifySocket else { return }
        let answer = unsafe notifySocket.withUnsafeBufferPointer { path in
            unsafe path.withMemoryRebound(to: CChar.self) { path in
                unsafe relevo_sys_notify(
                    path.baseAddress, text, text.count, descriptors, descriptors.count)
            }
        }
        try check(.notify, answer)
    }
}
