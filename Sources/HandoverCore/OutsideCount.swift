/// Sessions of a generation that do not pass its slots, so that the table of flows knows nothing of them.
package struct OutsideCount: Hashable, Codable, Sendable {
    /// Accepted TCP connections.
    package var connections: Int
    /// UDP sockets at a listener's address that are connected to one peer.
    package var connected: Int
    /// UDP sockets at ports that a worker has bound for itself while it served.
    package var ports: Int

    package init(connections: Int = 0, connected: Int = 0, ports: Int = 0) {
        self.connections = connections
        self.connected = connected
        self.ports = ports
    }

    package var total: Int { connections + connected + ports }

    /// How many there are of the kinds that a drain waits for.
    package func count(of kinds: Set<SessionKind>) -> Int {
        (kinds.contains(.connections) ? connections : 0)
            + (kinds.contains(.connected) ? connected : 0) + (kinds.contains(.ports) ? ports : 0)
    }
}

/// A kind of session that a drain may wait for.
package enum SessionKind: String, CaseIterable, Hashable, Sendable {
    /// Entries of the flow table.
    case flows
    case connections
    case connected
    case ports
    /// What workers say of their sessions.
    case reported
}
