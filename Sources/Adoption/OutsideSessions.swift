/// Sessions of workers that live on no slot: the steering's table knows nothing of them.
package struct OutsideSessions: Equatable, Sendable {
    /// Accepted TCP connections at a listener's port whose peer may still send.
    package var connections = 0
    /// UDP sockets at a listener's address that are connected to one peer, a slot's own included.
    package var connectedSockets = 0
    /// The inodes of UDP sockets at ports that a worker has bound explicitly: a later look tells by them
    /// which ones last.
    package var ownPorts: Set<UInt64> = []

    package var isEmpty: Bool { self == OutsideSessions() }

    package init(connections: Int = 0, connectedSockets: Int = 0, ownPorts: Set<UInt64> = []) {
        self.connections = connections
        self.connectedSockets = connectedSockets
        self.ownPorts = ownPorts
    }
}
