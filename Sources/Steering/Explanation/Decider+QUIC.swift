/// See quic.bpf.c.
extension Decider {
    private static let leastSize = 24
    private static let longestID = 20

    /// The rules in the order of the program: a known id, an id that tells whose it is, what is known beside it.
    mutating func quic() {
        guard let head = load(0, Self.leastSize) else {
            decision.form = "too short for a QUIC packet with an id"
            return byTuple(learns: false, role: .opens, handshake: nil)
        }
        if head[0] & 0x80 != 0 { return long(head) }
        decision.form = "QUIC short header"
        short(head)
    }

    // MARK: Long headers

    private mutating func long(_ head: [UInt8]) {
        let length = Int(head[5])
        let form = Self.form(of: head)
        decision.form = "QUIC \(form.name)"
        var id: [UInt8]?
        if 1...Self.longestID ~= length, load(6, Self.longestID) != nil { id = load(6, length) }
        if let id, steerByID(id) || steerBySeal(at: 6, length: id.count) { return }
        let handshake = ownID(serverLength: length).map { own in
            hashes.handshake(tuple: tuple, own: own)
        }
        byTuple(learns: id != nil, role: form.role, handshake: handshake) { decider in
            decider.hasHandshakeBehind(type: form.next) ? .heard : []
        }
    }

    private struct LongForm {
        let name: String
        let role: DatagramRole
        /// The type of the Handshake packet that may follow in the same datagram.
        let next: UInt8
    }

    private static func form(of head: [UInt8]) -> LongForm {
        let version = head[1...4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        let isSecond = version == 0x6b33_43cf
        guard isSecond || version == 1 || version & 0xffff_ff00 == 0xff00_0000 else {
            return LongForm(
                name: version == 0 ? "version negotiation" : "long header of an unknown version",
                role: [.opens, .keyed], next: 0)
        }
        let shift: UInt8 = isSecond ? 1 : 0
        switch ((head[0] >> 4) &- shift) & 3 {
        case 0: return LongForm(name: "Initial", role: [.opens, .keyed], next: 2 + shift)
        case 1: return LongForm(name: "0-RTT", role: [.opens, .keyed], next: 2 + shift)
        case 2 where Int(head[5]) <= longestID:
            return LongForm(name: "Handshake", role: [.heard, .keyed], next: 0)
        case 2: return LongForm(name: "Handshake", role: .keyed, next: 0)
        default: return LongForm(name: "Retry", role: .keyed, next: 0)
        }
    }

    /// The client's own id, of which eight bytes count.
    private mutating func ownID(serverLength: Int) -> [UInt8]? {
        guard serverLength <= Self.longestID, let length = load(6 + serverLength, 1)?[0],
            Int(length) <= Self.longestID, let bytes = load(7 + serverLength, 8)
        else { return nil }
        // Those behind the eighth do not count, but their number does.
        return Array(bytes.prefix(Int(length)))
            + [UInt8](repeating: 0, count: max(0, Int(length) - 8))
    }

    /// Whether a Handshake packet with an id of some length follows an Initial in one datagram: then the id is the
    /// server's.
    private mutating func hasHandshakeBehind(type: UInt8) -> Bool {
        var at = 5
        for _ in 0..<2 {
            guard let length = load(at, 1)?[0], Int(length) <= Self.longestID else { return false }
            at += 1 + Int(length)
        }
        for _ in 0..<2 {
            guard let bytes = load(at, 2), bytes[0] >> 6 <= 1 else { return false }
            let isLong = bytes[0] >> 6 == 1
            at += isLong ? 2 + (Int(bytes[0] & 0x3f) << 8 | Int(bytes[1])) : 1 + Int(bytes[0])
        }
        guard at + 8 <= 4096, let head = load(at, 6) else { return false }
        return head[0] & 0x80 != 0 && head[0] >> 4 & 3 == type && 1...Self.longestID ~= Int(head[5])
    }

    // MARK: Short headers

    /// No header tells how long its id is: at most two lengths are looked up.
    private mutating func short(_ head: [UInt8]) {
        let lengths = view.ids?.lengths ?? IdLengths(word: 0)
        func id(_ form: IdForm) -> [UInt8]? {
            1...23 ~= form.length ? Array(head[1..<1 + form.length]) : nil
        }
        let (first, second) = (id(lengths.first), id(lengths.second))
        if let first, steerByID(first) { return }
        if let second, steerByID(second) { return }
        if steerBySeal(at: 1, length: nil) { return }
        if let bytes = ownerBytes(head, lengths) {
            let placement = touch(.owner(bytes), hashes.owner(bytes))
            if steer(placement) {
                pin(.owner, to: placement)
                rules.owner += 1
                return follow(placement, hasMoved: true)
            }
        }
        byTuple(learns: first != nil, role: [], handshake: nil)
    }

    /// What may tell an id's worker: the id of its server, or the cookie of its socket.
    private func ownerBytes(_ head: [UInt8], _ lengths: IdLengths) -> [UInt8]? {
        let server = view.ids?.serverLength ?? 0
        if server > 0 {
            let bytes = Array(head[2..<2 + min(server, 8)])
            return bytes.contains { $0 != 0 } ? bytes : nil
        }
        guard lengths.first.isOwned || lengths.second.isOwned else { return nil }
        return Array(head[1..<9])
    }
}
