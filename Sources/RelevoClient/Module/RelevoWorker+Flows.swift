extension RelevoWorker {
    /// Pins the flow of a peer on a listener's socket to this worker before its first datagram
    /// has been seen here. `local` is what the peer sends to, needed where the listener is bound
    /// to a wildcard. A refusal comes as an event; EAGAIN says that the channel has no room now.
    public func pin(
        _ peer: InternetAddress, on socket: CInt, local: InternetAddress? = nil
    ) throws(RelevoError) {
        try locked { core throws(RelevoError) in
            try core.pin(peer, on: socket, local: local, isEnd: false)
        }
    }

    /// Ends the flow of a peer: its next datagram counts as a new flow's, and no drain waits for
    /// it until it is idle.
    public func unpin(
        _ peer: InternetAddress, on socket: CInt, local: InternetAddress? = nil
    ) throws(RelevoError) {
        try locked { core throws(RelevoError) in
            try core.pin(peer, on: socket, local: local, isEnd: true)
        }
    }

    /// A link to a worker of another generation, made by the supervisor. `worker` is the index
    /// there, by default this one's own; the label is handed to the other side.
    public func link(
        to target: LinkTarget, worker: Int? = nil, label: String = "",
        within limit: Duration = .seconds(30)
    ) throws(RelevoError) -> OfferedLink {
        try locked { core throws(RelevoError) in
            OfferedLink(
                try core.link(
                    to: target, worker: worker.map { UInt64(clamping: $0) },
                    label: Array(label.utf8), within: limit.nanoseconds))
        }
    }

    /// Asks for a link without waiting for it: it comes as an event, or a refusal does.
    public func askLink(
        to target: LinkTarget, worker: Int? = nil, label: String = ""
    ) throws(RelevoError) {
        try locked { core throws(RelevoError) in
            try core.askLink(
                to: target, worker: worker.map { UInt64(clamping: $0) },
                label: Array(label.utf8))
        }
    }
}
