/// Tells which datagram a DNS server answers: its responses carry no flow, only a number of 16
/// bits and the address they go to.
struct DNSDialogue {
    let query: DNSQuery
    /// Responses by what they say.
    private(set) var codes: [DNSQuery.ResponseCode: UInt64] = [:]
    private var flows: [Place: UInt64] = [:]
    private var sent: [Question: UInt64] = [:]

    /// The end of a flow that is ours.
    struct Place: Hashable {
        let source: Int
        let local: UInt32?
    }

    private struct Question: Hashable {
        let flow: UInt64
        let number: UInt16
    }

    init(_ query: DNSQuery) { self.query = query }

    /// Remembers where a flow comes from; a place is used by one flow only.
    mutating func open(_ flow: UInt64, at place: Place) { flows[place] = flow }

    /// The datagram of a flow, numbered by its sequence.
    mutating func ask(_ flow: UInt64, _ sequence: UInt64, at now: UInt64) -> [UInt8] {
        let number = UInt16(truncatingIfNeeded: sequence)
        sent[Question(flow: flow, number: number)] = now
        return query.bytes(number: number)
    }

    /// What a response answers; nil for one to nothing that was asked, or asked and answered.
    ///
    /// - Parameter asked: how many datagrams a flow has sent.
    mutating func take(
        _ bytes: [UInt8], at place: Place, asked: (UInt64) -> UInt64?
    ) -> EchoAnswer? {
        guard let (number, code) = DNSQuery.response(bytes), let flow = flows[place],
            let count = asked(flow), count > 0,
            let time = sent.removeValue(forKey: Question(flow: flow, number: number))
        else { return nil }
        codes[code, default: 0] += 1
        // The newest sequence that has this number.
        let back = UInt16(truncatingIfNeeded: count - 1) &- number
        guard UInt64(back) < count else { return nil }
        return EchoAnswer(
            request: Request(flow: flow, sequence: count - 1 - UInt64(back), sent: time, run: 0),
            server: ServerIdentity(generation: 0, worker: 0, process: 0), count: 1)
    }
}
