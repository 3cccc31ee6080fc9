package import Kernel

/// A session that lives on no slot, for people to see.
package struct OutsideSession: Equatable, Sendable {
    package enum Kind: Sendable { case connection, connected, port }

    package let kind: Kind
    package let local: SocketAddress
    /// nil for a socket that is not connected.
    package let peer: SocketAddress?
    /// Of those that were asked for, by its place among them.
    package let worker: Int
}

extension SessionCensus {
    /// Finds the sessions of workers, with their peers.
    ///
    /// - Parameters:
    ///   - workers: each one's process.
    ///   - most: how many are named; the others are counted.
    package static func list(
        of workers: [Int32], listeners: [SocketPlace], ownPorts: Set<UInt16>, atMost most: Int
    ) throws(KernelError) -> (sessions: [OutsideSession], count: Int) {
        let held = workers.map { sockets(of: [$0]) }
        var seen: Set<UInt64> = []
        var sessions: [OutsideSession] = []
        try findCandidates(listeners, ownPorts) { socket, kind in
            guard let worker = held.firstIndex(where: { $0.contains(socket.inode) }),
                seen.insert(socket.inode).inserted, sessions.count < most
            else { return }
            sessions.append(
                OutsideSession(
                    kind: kind, local: socket.local.unmapped,
                    peer: socket.hasPeer ? socket.peer.unmapped : nil, worker: worker))
        }
        return (sessions, seen.count)
    }
}
