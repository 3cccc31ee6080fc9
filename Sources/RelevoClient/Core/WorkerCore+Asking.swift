internal import CRelevoClient

extension WorkerCore {
    /// A supervisor that was killed after it had taken the request has forgotten it.
    private static var repetition: UInt64 { 5_000_000_000 }

    /// More packets than this are no answer to anything.
    private static var mostPackets: Int { 64 }

    /// Sends a request and waits for its answer; what else comes meanwhile is kept as events.
    /// `limit` in nanoseconds. The caller owns the descriptors of what is returned.
    func ask(
        _ request: Packet, _ descriptors: [Int32] = [], as action: RelevoError.Action,
        within limit: UInt64
    ) throws(RelevoError) -> [Arrival] {
        let (sum, isTooFar) = relevo_sys_monotonic().addingReportingOverflow(limit)
        let deadline = isTooFar ? UInt64.max : sum
        lastID += 1
        var packet = request
        packet.add("ID", lastID)
        var answers: [Arrival] = []
        var repeatAt: UInt64 = 0
        do throws(RelevoError) {
            while true {
                let now = relevo_sys_monotonic()
                var waitsForRoom = false
                if now >= repeatAt {
                    if try send(packet, descriptors, as: action) {
                        repeatAt = now + Self.repetition
                    } else {
                        waitsForRoom = true
                    }
                }
                while let arrival = try receive(action) {
                    guard arrival.id == lastID else {
                        handle(arrival)
                        continue
                    }
                    answers.append(arrival)
                    if arrival.message?.value("MORE")?.equals("1") == true {
                        if answers.count < Self.mostPackets { continue }
                        throw RelevoError(action, .malformed)
                    }
                    if let refusal = Self.refusal(arrival) {
                        throw RelevoError(action, .refused(refusal))
                    }
                    return answers
                }
                if now >= deadline { throw RelevoError(action, .timedOut) }
                try wait(until: waitsForRoom ? deadline : min(deadline, repeatAt), waitsForRoom)
            }
        } catch {
            for answer in answers { answer.drop() }
            if error.reason == .ended { end() }
            throw error
        }
    }

    /// Says something that needs no answer; false when the channel has no room.
    func send(
        _ packet: Packet, _ descriptors: [Int32] = [], as action: RelevoError.Action = .tell
    ) throws(RelevoError) -> Bool {
        guard channel != nil else { throw RelevoError(action, .ended) }
        return try channel?.send(packet, descriptors, as: action) ?? false
    }

    func receive(_ action: RelevoError.Action = .receive) throws(RelevoError) -> Arrival? {
        guard channel != nil else { throw RelevoError(action, .ended) }
        return try channel?.receive()
    }

    private func wait(until end: UInt64, _ waitsForRoom: Bool) throws(RelevoError) {
        let now = relevo_sys_monotonic()
        // Rounded up: what waits until the very end must not spin.
        let left = end > now ? min((end - now + 999_999) / 1_000_000, 3_600_000) : 0
        guard let number = channel?.socket.number else { return }
        try check(.receive, relevo_sys_wait(number, waitsForRoom ? 1 : 0, Int32(left)))
    }

    private static func refusal(_ arrival: Arrival) -> Refusal? {
        guard let message = arrival.message, message.isVerb("ERROR") else { return nil }
        return Refusal(message.value("CODE") ?? [])
    }
}
