extension RelevoWorker {
    /// A socket of a peer's own beside a UDP listener's, connected to it, for a server that wants
    /// one for each session (also called established-over-unconnected). The caller owns it.
    ///
    /// How it is made is tried out once on loopback, since each kernel breaks another way. nil
    /// says that none is sound here, or that the listener's sockets are another user's: serve the
    /// peer through the listener then. When a session moves to another peer's address, accept
    /// that one as well, and never connect a socket a second time.
    ///
    /// `local` is the address that the peer sends to (IP_PKTINFO), for a listener bound to a
    /// wildcard. What the socket caught before it was the peer's alone is handed to `stray` with
    /// its source: treat it as received from the listener, the peer's own too. On some kernels
    /// and under a flood a stranger's datagram may still come later: look at the source.
    ///
    /// The socket has the listener's options. For an IPv4 listener it may be an IPv6 one that
    /// says mapped addresses: use send(2) and recv(2).
    public func accept(
        _ peer: InternetAddress, on listener: CInt, local: InternetAddress? = nil,
        stray: (Span<UInt8>, InternetAddress) -> Void
    ) throws(RelevoError) -> CInt? {
        try locked { core throws(RelevoError) in
            try unsafe core.accept(peer, on: listener, local: local) { bytes, source in
                unsafe stray(Span(_unsafeBytes: bytes), source)
            }
        }
    }
}
