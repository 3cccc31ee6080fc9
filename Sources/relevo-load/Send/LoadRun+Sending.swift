import Kernel

extension LoadRun {
    /// Sends what is due now; true once all is sent.
    func advance(_ sending: inout Sending) throws -> Bool {
        let now = MonotonicClock.now()
        if let deadline = sending.deadline, now >= deadline { return true }
        var due = sending.datagrams.take(at: now)
        if let left = sending.left { due = min(due, Int(min(left, UInt64(Int.max)))) }
        if let window = plan.window, !plan.unanswered {
            due = min(due, max(0, window - Int(tally.unanswered)))
        }
        if hold?() == true { due = 0 }
        if due > 0 {
            sending.lastSent = now
        } else if now - sending.lastSent > plan.timeout, plan.window != nil {
            return true
        }
        let opens = min(due, sending.opens.take(at: now))
        var filling = Filling()
        for _ in 0..<opens {
            try reopen(sending.openCursor)
            try put(sending.openCursor, &filling)
            sending.openCursor = (sending.openCursor + 1) % flows.count
        }
        for _ in 0..<(due - opens) {
            try put(sending.cursor, &filling)
            sending.cursor = (sending.cursor + 1) % flows.count
        }
        try flush(&filling)
        guard let left = sending.left else { return false }
        sending.left = left - UInt64(due)
        return left == UInt64(due)
    }

    /// Datagrams of one source that wait to go out together.
    struct Filling {
        var source = 0
        var count = 0
    }

    private func put(_ slot: Int, _ filling: inout Filling) throws {
        let source = flows[slot].source
        if source != filling.source || filling.count == outgoing.capacity {
            try flush(&filling)
            filling.source = source
        }
        let index = filling.count
        let sequence = flows[slot].send(newest: newest, stateless: plan.stateless)
        outgoing[peer: index] = plan.target
        outgoing[local: index] = flows[slot].local.map { .ipv4($0, port: 0) }
        let (flow, now) = (flows[slot].number, MonotonicClock.nanoseconds())
        if plan.junk {
            outgoing[bytes: index] = Self.junk
        } else if dns == nil {
            Request(flow: flow, sequence: sequence, sent: now, run: number)
                .write(to: outgoing, index, size: plan.size)
        } else {
            outgoing[bytes: index] = dns?.ask(flow, sequence, at: now) ?? []
        }
        filling.count += 1
    }

    private static let junk = [UInt8](repeating: 0x6a, count: 64)

    private func flush(_ filling: inout Filling) throws {
        var rest = 0..<filling.count
        let source = sources.sockets[filling.source]
        while !rest.isEmpty {
            let sent = try send(rest, through: source)
            rest = rest.dropFirst(sent)
            // The answers that come meanwhile are read, so that none is dropped here.
            if sent == 0 {
                try receive(from: source)
                _ = try source.socket.wait(for: .writable, within: .milliseconds(10))
            }
        }
        tally.countSent(filling.count)
        filling.count = 0
    }

    /// A refusal that waits belongs to an earlier datagram, and is in the error queue as well.
    private func send(_ range: Range<Int>, through source: SourceSocket) throws -> Int {
        do throws(KernelError) {
            return try outgoing.send(through: source.socket, range)
        } catch {
            if error.isRefusal {
                tally.refused += UInt64(try source.socket.takeRefusals())
                return 0
            }
            if error.isShortage { return 0 }
            throw error
        }
    }

    /// Ends the flow of a slot and opens another one in its place.
    private func reopen(_ slot: Int) throws {
        let old = flows[slot]
        let replaced = try sources.replace(old.source)
        if replaced != nil { try watch(sources.sockets[old.source]) }
        if old.sent > old.answered {
            ending[old.number] = (old, replaced)
        } else if let replaced {
            try close(replaced)
        }
        flows[slot] = try newFlow(old.number + 1 << 32, from: old.source)
    }

    /// A flow that has sent nothing yet.
    func newFlow(_ number: UInt64, from source: Int) throws -> FlowRecord {
        let local = try sources.takeAddress(of: source)
        let place = DNSDialogue.Place(source: sources.sockets[source].ordinal, local: local)
        dns?.open(number, at: place)
        tally.flowsOpened += 1
        return FlowRecord(number: number, source: source, local: local)
    }

    /// Lets go of a socket whose flow has ended.
    func close(_ source: SourceSocket) throws {
        closedDrops += UInt64(try source.socket.memory().drops)
        tally.refused += UInt64(try source.socket.takeRefusals())
        if let token = source.token { loop.remove(token) }
    }
}
