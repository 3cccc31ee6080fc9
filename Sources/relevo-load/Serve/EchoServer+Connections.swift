import Kernel

extension EchoServer {
    /// Takes all connections that wait. The listener may be a blocking one, so it is asked first.
    func accept(from served: ServedListener) throws {
        if misbehaviour.hang { return }
        while try served.listener.isReadable(), let accepted = try served.listener.accept() {
            connections += 1
            let number = connections
            let connection = ServedConnection(accepted)
            connection.token = try loop.register(connection.connection) { [unowned self] _ in
                advance(number)
            }
            openConnections[number] = connection
        }
    }

    private func advance(_ number: UInt64) {
        guard let connection = openConnections[number] else { return }
        switch connection.read() {
        case .waiting: return
        case .complete: answer(connection, number)
        case .closed: break
        }
        if let token = connection.token { loop.remove(token) }
        openConnections[number] = nil
    }

    private func answer(_ connection: ServedConnection, _ number: UInt64) {
        if misbehaviour.answer == .no { return }
        let answer = EchoAnswer.stream(to: connection.received, from: identity, count: number)
        // A client that has gone away loses nothing.
        _ = try? connection.connection.write(answer)
    }
}
