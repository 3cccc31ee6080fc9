/// Sessions that do not pass the listeners' own sockets, by kind.
package struct OutsideStatus: Codable, Equatable, Sendable {
    /// Accepted TCP connections.
    package var connections: Int
    /// UDP sockets at a listener's address that are connected to one peer.
    package var connected: Int
    /// UDP sockets at ports that the server has bound for itself while it served.
    package var ports: Int

    package init(connections: Int = 0, connected: Int = 0, ports: Int = 0) {
        self.connections = connections
        self.connected = connected
        self.ports = ports
    }

    package var total: Int { connections + connected + ports }

    /// In words what there is, a part for each kind: "3 connections", "1 own port".
    package var parts: [String] {
        func part(_ count: Int, _ name: String) -> String? {
            count > 0 ? "\(count) \(name)\(count == 1 ? "" : "s")" : nil
        }
        return [
            part(connections, "connection"), part(connected, "connected socket"),
            part(ports, "own port"),
        ].compactMap { $0 }
    }
}
