internal import CRelevoClient

extension WorkerCore {
    /// Pins a peer's flow on a listener's socket to this worker, or ends it. Not waited for: a
    /// refusal comes as an event. `local` is what the peer sends to, needed on a wildcard.
    func pin(
        _ peer: InternetAddress, on socket: Int32, local: InternetAddress?, isEnd: Bool
    ) throws(RelevoError) {
        guard channel != nil else { return }
        guard let listener = given(socket)?.listener else {
            throw RelevoError(.pin, .noSuchListener)
        }
        var packet = Packet(isEnd ? "UNPIN" : "PIN")
        packet.add("LISTENER", listener)
        packet.add("PEER", peer.text)
        if let local { packet.add("LOCAL", local.text) }
        do throws(RelevoError) {
            if try send(packet, as: .pin) { return }
        } catch {
            guard error.reason == .ended else { throw error }
            return end()
        }
        throw RelevoError(.pin, .system(Int32(RELEVO_SYS_AGAIN)))
    }

    /// Asks to be drained, for a worker that somebody else is about to end.
    func leave(within limit: UInt64) throws(RelevoError) {
        guard channel != nil else { return }
        try request(Packet("LEAVE"), as: .tell, within: limit)
    }

    /// Asks for a link and waits for it. Not without a supervisor: then there is nobody else.
    func link(
        to target: LinkTarget, worker: UInt64?, label: [UInt8], within limit: UInt64
    ) throws(RelevoError) -> LinkOffer {
        guard channel != nil else { throw RelevoError(.link, .unsupported) }
        let answers = try ask(
            request(target, worker, label), as: .link, within: limit)
        guard let answer = answers.first, answers.count == 1, let message = answer.message,
            message.isVerb("LINK"), let offer = LinkOffer(message, answer)
        else {
            for answer in answers { answer.drop() }
            throw RelevoError(.link, .malformed)
        }
        return offer
    }

    /// Asks for a link, which comes as an event, or a refusal does.
    func askLink(
        to target: LinkTarget, worker: UInt64?, label: [UInt8]
    ) throws(RelevoError) {
        guard channel != nil else { throw RelevoError(.link, .unsupported) }
        if try send(request(target, worker, label), as: .link) { return }
        throw RelevoError(.link, .system(Int32(RELEVO_SYS_AGAIN)))
    }

    private func request(_ target: LinkTarget, _ worker: UInt64?, _ label: [UInt8]) -> Packet {
        var packet = Packet("LINK")
        switch target {
        case .current: packet.add("TO", "current")
        case .older: packet.add("TO", "older")
        case .newer: packet.add("TO", "newer")
        case .generation(let number): packet.add("TO", number)
        }
        if let worker { packet.add("WORKER", worker) }
        if !label.isEmpty { packet.add("LABEL", Packet.plain(label)) }
        return packet
    }
}
