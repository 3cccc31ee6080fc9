internal import CRelevoClient

extension WorkerCore {
    /// Bytes of the nonce: a short id, and a collision is as unlikely as with eight random bytes.
    private static var nonceLength: Int { 8 }

    /// A new connection id that leads to this worker's slot of the listener. Without a supervisor
    /// nobody routes by it, and it leads to slot 0.
    func makeID(on socket: Int32, configuration: UInt8) throws(RelevoError) -> RoutableID {
        let slot = given(socket)?.slot
        if slot == nil, channel != nil { throw RelevoError(.makeID, .noSuchListener) }
        guard let short = UInt16(exactly: slot ?? 0) else { throw RelevoError(.makeID, .invalid) }
        var nonce = [UInt8](repeating: 0, count: Self.nonceLength)
        let size = nonce.count
        try check(.makeID, unsafe relevo_sys_random(&nonce, size))
        let server = [UInt8(truncatingIfNeeded: short >> 8), UInt8(truncatingIfNeeded: short)]
        guard let id = RoutableID(configuration: configuration, server: server, nonce: nonce)
        else { throw RelevoError(.makeID, .invalid) }
        return id
    }
}
