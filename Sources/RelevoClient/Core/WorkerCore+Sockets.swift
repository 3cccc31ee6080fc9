internal import CRelevoClient

extension WorkerCore {
    /// The next socket of the listener with this name, or with this address, that has not been
    /// taken; the caller owns it. Where nobody gives sockets, one of its own is bound to
    /// `address`.
    func takeSocket(_ name: [UInt8], orBind address: [UInt8]) throws(RelevoError) -> Int32 {
        let wanted = ServiceAddress(address)
        if let index = sockets.firstIndex(where: { !$0.isTaken && $0.name.isSame(as: name) })
            ?? sockets.firstIndex(where: { !$0.isTaken && $0.place == wanted })
        {
            sockets[index].isTaken = true
            return sockets[index].number
        }
        if isGivenSockets { throw RelevoError(.takeSocket, .noSuchListener) }
        guard let wanted else { throw RelevoError(.bind, .invalid) }
        return try Self.bind(wanted).release()
    }

    /// As a supervisor would bind it: in a reuseport group, so that a second process can come.
    private static func bind(_ place: ServiceAddress) throws(RelevoError) -> Descriptor {
        let made = relevo_sys_socket(Int32(place.address.family), place.isStream ? 1 : 0)
        let socket = Descriptor(adopting: try check(.bind, made))
        try check(.bind, relevo_sys_share_port(socket.number))
        if place.isStream { try check(.bind, relevo_sys_may_reuse_address(socket.number)) }
        var raw = place.address.raw
        try check(.bind, unsafe relevo_sys_bind(socket.number, &raw))
        if place.isStream { try check(.bind, relevo_sys_listen(socket.number, 4096)) }
        return socket
    }

    /// The socket that was given with this number, taken or not.
    func given(_ number: Int32) -> GivenSocket? { sockets.first { $0.number == number } }
}
