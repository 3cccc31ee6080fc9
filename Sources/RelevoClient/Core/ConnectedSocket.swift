internal import CRelevoClient

/// A socket beside a listener that gets what one peer sends and nothing else.
struct ConnectedSocket: ~Copyable {
    private let socket: Descriptor
    /// What connect(2) gave: one that failed has to be emptied all the same.
    private var answer: Int32 = 0

    /// Binds and connects it, once: a second time leaves a stale entry in some kernels' tables.
    /// What it caught in between, from whomever, waits in it for `empty`; then `connected`.
    @inline(never)
    static func make(
        beside listener: Int32, at local: InternetAddress, for peer: InternetAddress,
        isMapped: Bool
    ) throws(RelevoError) -> ConnectedSocket {
        let place = isMapped ? local.mapped : local
        let other = place.family == 6 ? peer.mapped : peer
        guard place.family == other.family else { throw RelevoError(.accept, .invalid) }
        var made = try ConnectedSocket(place)
        let number = made.socket.number
        if place.family == 6 {
            let onlySix = isMapped ? 0 : relevo_sys_is_only_six(listener)
            try check(.accept, relevo_sys_only_six(number, onlySix))
        }
        try check(.accept, relevo_sys_copy_options(listener, number))
        try made.connect(from: place, to: other)
        return made
    }

    /// Connects a member of the listener's group, which is to be emptied and closed: see
    /// `ConnectedWay.mappedAfterPriming`.
    static func primer(at local: InternetAddress) throws(RelevoError) -> ConnectedSocket {
        var made = try ConnectedSocket(local)
        // To itself at the discard port: nothing is ever sent.
        var discard = local
        discard.port = 9
        try made.connect(from: local, to: discard)
        return made
    }

    private init(_ place: InternetAddress) throws(RelevoError) {
        let number = relevo_sys_socket(Int32(place.family), 0)
        socket = Descriptor(adopting: try check(.accept, number))
    }

    @inline(never)
    private mutating func connect(
        from place: InternetAddress, to other: InternetAddress
    ) throws(RelevoError) {
        var rawPlace = place.raw
        var rawOther = other.raw
        try check(.accept, relevo_sys_share_port(socket.number))
        try check(.accept, unsafe relevo_sys_bind(socket.number, &rawPlace))
        unsafe answer = relevo_sys_connect(socket.number, &rawOther)
    }

    /// Itself, or why it could not be connected.
    consuming func connected() throws(RelevoError) -> ConnectedSocket {
        try check(.accept, answer)
        return self
    }

    /// Where it is bound now that it is connected.
    var local: InternetAddress? {
        var raw = relevo_sys_address()
        guard unsafe relevo_sys_local(socket.number, &raw) == 0 else { return nil }
        return InternetAddress(raw)?.unmapped
    }

    consuming func release() -> Int32 { socket.release() }

    /// Hands over what lies in the queue; a peer that floods it does not keep this from ending.
    func empty(_ stray: (UnsafeRawBufferPointer, InternetAddress) -> Void) {
        let number = socket.number
        unsafe withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 8) { room in
            for _ in 0..<1_024 {
                var source = relevo_sys_address()
                let count = unsafe relevo_sys_receive(
                    number, room.baseAddress, room.count, &source)
                // An error that waits on the socket (a refused datagram) is taken with that.
                if count == -Int64(RELEVO_SYS_AGAIN) { return }
                guard count >= 0, let address = InternetAddress(source) else { continue }
                unsafe stray(
                    UnsafeRawBufferPointer(rebasing: room[..<Int(count)]), address.unmapped)
            }
        }
    }
}
