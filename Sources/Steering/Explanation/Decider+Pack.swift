import Packs
import SteeringABI

/// See pack.bpf.c.
extension Decider {
    mutating func pack(_ pack: Pack) {
        let bytes = window()
        let match = pack.match(bytes)
        let rule = pack.rule(for: bytes)
        decision.form =
            rule.map { "rule \($0 + 1): \(pack.rules[$0])" } ?? "of no form that is described"
        switch pack.order {
        case .id: idFirst(match, isDescribed: rule != nil)
        case .tuple: tupleFirst(match)
        }
    }

    /// The payload, with zeros for what was not captured: the program sees no more than the window.
    private mutating func window() -> [UInt8] {
        if datagram.payload.count < min(datagram.size, Pack.window) { decision.lacksBytes = true }
        return datagram.payload
            + [UInt8](repeating: 0, count: datagram.size - datagram.payload.count)
    }

    private mutating func idFirst(_ match: PackMatch, isDescribed: Bool) {
        if let id = match.id, steerByID(id) { return }
        var role = Self.role(of: match)
        if isDescribed, match.role == .opens { role.insert(.keyed) }
        byTuple(learns: match.id != nil, role: role, handshake: hashes.handshake(tuple: tuple))
    }

    private static func role(of match: PackMatch) -> DatagramRole {
        switch match.role {
        case .opens: .opens
        case .either: .either
        case .continues: []
        }
    }

    private mutating func tupleFirst(_ match: PackMatch) {
        let found = view.entry(of: tuple)
        guard let entry = found, !isOld(entry), steersTo(entry.placement) else {
            let isOver = found.map(isOld) ?? false
            let isClosed = found.map { view.slot(of: $0.placement) == nil } ?? false
            note(
                .tuple, found,
                found == nil ? .absent : isOver ? .expired : isClosed ? .closed : .noSocket)
            return bySession(match)
        }
        note(.tuple, entry, .found)
        pin(.tuple, to: entry.placement)
        guard let id = match.id else { return }
        // An id that is not known yet is learned; the mark tells which was the last one.
        let isDue = isMarkedDue(entry, id)
        if (isDue || !entry.isConfirmed), live(hashes.id(id)) == nil { rules.learned += 1 }
    }

    private func isMarkedDue(_ entry: FlowEntry, _ id: [UInt8]) -> Bool {
        let mask = view.ids?.mark ?? 0
        guard entry.isCoarse, entry.isConfirmed else { return isDue(entry) }
        let mark = Self.mark(of: id)
        let hasMoved = UInt64(entry.seen) & mask != (mark ^ mark >> 8) & mask
        return hasMoved || entry.age(at: view.now) >= view.ids?.refresh ?? 0
    }

    /// What a 4-tuple's entry has of its session's id.
    private static func mark(of id: [UInt8]) -> UInt64 {
        var fold = KeyHashes.word(id, 0) ^ KeyHashes.word(id, 8) ^ KeyHashes.word(id, 16)
        fold ^= fold >> 32
        return (fold ^ fold >> 16) & 0xffff
    }

    /// No 4-tuple tells whose a datagram is: its id, whose client has moved, or nothing.
    private mutating func bySession(_ match: PackMatch) {
        let placement = match.id.map { touch(.id($0), hashes.id($0)) } ?? 0
        if live(tuple) != nil { decision.counts.fallback += 1 }
        guard steer(placement) else { return unknown(Self.role(of: match)) }
        pin(.id, to: placement)
        rules.rebound += 1
    }
}
