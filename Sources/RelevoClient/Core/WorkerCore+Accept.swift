internal import CRelevoClient

extension WorkerCore {
    /// A socket of a peer's own beside a UDP listener; the caller owns it. nil: none would be
    /// sound here, go on with the listener's.
    ///
    /// `local` is the address that the peer sends to, for listeners bound to a wildcard on
    /// machines with more than one. Every datagram that was caught before the socket was the
    /// peer's alone is handed to `stray`, the peer's own too.
    func accept(
        _ peer: InternetAddress, on listener: Int32, local: InternetAddress?,
        stray: (UnsafeRawBufferPointer, InternetAddress) -> Void
    ) throws(RelevoError) -> Int32? {
        var raw = relevo_sys_address()
        guard relevo_sys_kind(listener) == 1, unsafe relevo_sys_local(listener, &raw) == 0,
            let bound = InternetAddress(raw), bound.port != 0, peer.port != 0,
            bound.family == 6 || peer.unmapped.family == 4
        else { throw RelevoError(.accept, .invalid) }
        let peer = bound.family == 4 ? peer.unmapped : peer.mapped
        if let way = way(bound, isSpecific: false) {
            let made = try unsafe connected(listener, bound, peer, way, stray)
            guard let made else { return nil }
            // From a wildcard the kernel chooses where answers leave from.
            guard bound.isWildcard, let local, !local.isWildcard else { return made.release() }
            if made.local?.isSameHost(as: local.unmapped) == true { return made.release() }
            unsafe made.empty(stray)
        }
        guard bound.isWildcard, let local, !local.isWildcard,
            let way = way(bound, isSpecific: true)
        else { return nil }
        var place = bound.family == 4 ? local.unmapped : local.mapped
        guard place.family == bound.family else { throw RelevoError(.accept, .invalid) }
        place.port = bound.port
        let made = try unsafe connected(listener, place, peer, way, stray)
        guard let made else { return nil }
        return made.release()
    }

    /// nil where the kernel forbids it: an address in use is one of another user's sockets.
    @inline(never)
    private func connected(
        _ listener: Int32, _ place: InternetAddress, _ peer: InternetAddress,
        _ way: ConnectedWay, _ stray: (UnsafeRawBufferPointer, InternetAddress) -> Void
    ) throws(RelevoError) -> ConnectedSocket? {
        do throws(RelevoError) {
            let isMapped = way == .mapped || way == .mappedAfterPriming
            // Priming is for the group, for ever.
            if way == .mappedAfterPriming, !primed.contains(where: { $0 == place }) {
                let primer = try ConnectedSocket.primer(at: place)
                unsafe primer.empty(stray)
                _ = try primer.connected()
                primed.append(place)
            }
            let made = try ConnectedSocket.make(
                beside: listener, at: place, for: peer, isMapped: isMapped)
            unsafe made.empty(stray)
            return try made.connected()
        } catch {
            switch error.reason {
            case .system(Int32(RELEVO_SYS_IN_USE)), .system(Int32(RELEVO_SYS_NO_ACCESS)):
                return nil
            default: throw error
            }
        }
    }

    /// The way for such a listener, tried out the first time it is asked for.
    private func way(_ bound: InternetAddress, isSpecific: Bool) -> ConnectedWay? {
        let isIPv4 = bound.family == 4
        let kind = (isIPv4 ? 0 : 4) + (bound.isWildcard ? 2 : 0) + (isSpecific ? 1 : 0)
        if let known = ways[kind] { return known.way }
        let trial = ConnectedTrial(isIPv4: isIPv4, isWildcard: bound.isWildcard)
        var found: ConnectedWay?
        for way in ConnectedWay.candidates(
            isIPv4: isIPv4, isWildcard: bound.isWildcard, isSpecific: isSpecific)
        {
            let verdict = trial.verdict(way)
            // A supervisor's group never runs without a program.
            if verdict == .soundUnderProgram, isSupervised, found == nil { found = way }
            if verdict == .sound {
                found = way
                break
            }
        }
        ways[kind] = KnownWay(way: found)
        return found
    }
}
