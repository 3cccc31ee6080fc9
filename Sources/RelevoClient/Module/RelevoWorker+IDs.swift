extension RelevoWorker {
    /// A new QUIC connection id that leads to this worker's slot of the listener whose socket this is, from
    /// wherever it comes and also when it has never been seen. It asks nobody.
    ///
    /// It is for `Steering=quic`. Under any other steering, and under a supervisor of before ids, the error's reason
    /// is `notSteered`. Without a supervisor an id leads nowhere.
    ///
    /// Ids end with the stay that they name: when a worker dies that is not started again, and when its generation
    /// ends. A worker that is started again in the place of a dead one has its stay.
    ///
    /// - Parameters:
    ///   - configuration: 0 to 6, as a load balancer in front knows it.
    ///   - server: what that knows its server by, at most nine bytes.
    public func makeID(
        on socket: CInt, configuration: UInt8 = 0, server: [UInt8] = []
    ) throws(RelevoError) -> RoutableID {
        let bytes = try locked { core throws(RelevoError) in
            try core.makeID(on: socket, configuration: configuration, server: server)
        }
        guard let id = RoutableID(reading: bytes, serverLength: server.count) else {
            throw RelevoError(.makeID, .malformed)
        }
        return id
    }

    /// Whether an id was made by this worker, or by one before it in the same stay.
    public func owns(_ id: [UInt8], on socket: CInt) throws(RelevoError) -> Bool {
        try locked { core throws(RelevoError) in try core.owns(id, on: socket) }
    }
}
