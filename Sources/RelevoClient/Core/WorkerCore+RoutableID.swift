internal import CRelevoClient

extension WorkerCore {
    /// A new id that leads to this worker's slot of the listener. Without a supervisor nobody routes by it, and it
    /// names no stay.
    func makeID(
        on socket: Int32, configuration: UInt8, server: [UInt8]
    ) throws(RelevoError) -> [UInt8] {
        let seal = try seal(of: socket)
        guard configuration < 7, server.count <= 9 else { throw RelevoError(.makeID, .invalid) }
        let size = server.count < 5 ? 8 : 13 - server.count
        var nonce = [UInt8](repeating: 0, count: size)
        try check(.makeID, unsafe relevo_sys_random(&nonce, size))
        var id: [UInt8] = [configuration << 5 | UInt8(server.count + size + 6)]
        id += server
        id += nonce
        (seal ?? .none).close(&id)
        return id
    }

    /// Whether an id is of the listener's stay that this worker has. Without a supervisor none is.
    func owns(_ id: [UInt8], on socket: Int32) throws(RelevoError) -> Bool {
        guard let seal = try seal(of: socket) else { return false }
        return seal.made(id)
    }

    /// nil without a supervisor. Where there is one that steers by no ids of ours, nothing is made up.
    @inline(never)
    private func seal(of socket: Int32) throws(RelevoError) -> Seal? {
        guard let given = given(socket), given.slot != nil else {
            if channel != nil { throw RelevoError(.makeID, .noSuchListener) }
            return nil
        }
        guard let seal = given.seal else { throw RelevoError(.makeID, .notSteered) }
        return seal
    }
}
