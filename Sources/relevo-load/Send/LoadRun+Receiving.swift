import Kernel

extension LoadRun {
    /// Reads a source's answers as they come.
    func watch(_ source: SourceSocket) throws {
        source.token = try loop.register(source.socket) { [unowned self, unowned source] state in
            reporting {
                // Refusals that nobody takes would keep the socket ready for ever.
                if state.contains(.failed) {
                    tally.refused += UInt64(try source.socket.takeRefusals())
                }
                try receive(from: source)
            }
        }
    }

    /// Reads what a source has.
    func receive(from source: SourceSocket) throws {
        while true {
            let count = try receiveBatch(from: source)
            let now = MonotonicClock.nanoseconds()
            for index in 0..<count { take(index, of: source, at: now) }
            if count < incoming.capacity { return }
        }
    }

    private func receiveBatch(from source: SourceSocket) throws -> Int {
        do throws(KernelError) {
            return try incoming.receive(from: source.socket)
        } catch {
            guard error.isRefusal else { throw error }
            tally.refused += UInt64(try source.socket.takeRefusals())
            return 0
        }
    }

    private func take(_ index: Int, of source: SourceSocket, at now: UInt64) {
        guard let answer = read(index, of: source) else {
            tally.foreign += 1
            return
        }
        let generation = answer.server.generation
        newest = max(newest, generation)
        guard let verdict = judge(answer) else {
            tally.foreign += 1
            return
        }
        let sent = answer.request.sent
        tally.count(verdict, generation: generation, latency: now > sent ? now - sent : 0)
    }

    private func read(_ index: Int, of source: SourceSocket) -> EchoAnswer? {
        guard dns != nil else {
            return EchoAnswer(incoming, index).flatMap { $0.request.run == number ? $0 : nil }
        }
        var local: UInt32?
        if case .ipv4(let bits, _) = incoming[local: index] { local = bits }
        let place = DNSDialogue.Place(source: source.ordinal, local: local)
        let bytes = incoming[bytes: index]
        return dns?.take(bytes, at: place) { flow in
            let slot = Int(truncatingIfNeeded: flow & 0xffff_ffff)
            return flows[slot].number == flow ? flows[slot].sent : ending[flow]?.record.sent
        }
    }

    /// nil for an answer to nothing that was sent.
    private func judge(_ answer: EchoAnswer) -> Verdict? {
        let slot = Int(truncatingIfNeeded: answer.request.flow & 0xffff_ffff)
        if flows.indices.contains(slot), flows[slot].number == answer.request.flow {
            guard answer.request.sequence < flows[slot].sent else { return nil }
            let before = flows[slot].server
            let verdict = flows[slot].take(
                answer, stateless: plan.stateless, killed: killed?.servers ?? [])
            if verdict.contains(.moved) { tally.note(answer, movedFrom: before) }
            return verdict
        }
        guard var end = ending[answer.request.flow] else { return .duplicate }
        let verdict = end.record.take(
            answer, stateless: plan.stateless, killed: killed?.servers ?? [])
        let isOver = end.record.answered >= end.record.sent
        ending[answer.request.flow] = isOver ? nil : end
        if isOver, let source = end.source { try? close(source) }
        return verdict
    }
}
