import SteeringABI

/// Ids of the workers' library: see `sealed` in quic.bpf.c.
extension Decider {
    /// Steers by an id that names a stay, if the tag over it is right.
    ///
    /// - Parameter length: of the id, where a header tells it; else it tells that itself.
    mutating func steerBySeal(at first: Int, length told: Int?) -> Bool {
        guard let head = load(first, 16) else { return false }
        let length = Int(head[0] & 31) + 1
        guard Int(RELEVO_SHORTEST_SEALED)...Int(RELEVO_LONGEST_SEALED) ~= length,
            told ?? length == length, let id = load(first, length)
        else { return false }
        let end = length - Int(RELEVO_SEAL)
        let placement = Int(id[end]) << 8 | Int(id[end + 1])
        guard 1..<Int(RELEVO_ALIAS) ~= placement, let slot = view.slot(of: placement),
            let key = view.seal(of: slot)
        else { return false }
        // The tag is not under itself.
        let signed = Array(id.prefix(length - 4))
        let tag = FlowHash(
            ofWords: [KeyHashes.word(signed, 0), KeyHashes.word(signed, 8), UInt64(length)],
            key: key)
        guard UInt32(truncatingIfNeeded: tag.value) == UInt32(KeyHashes.word(id, length - 4))
        else { return false }
        note(.seal(id), nil, steersTo(placement) ? .found : .noSocket)
        guard steer(placement) else { return false }
        pin(.owner, to: placement)
        rules.owner += 1
        follow(placement, hasMoved: true)
        return true
    }
}
