package import Kernel

/// Counts what workers hold besides their slots, by the kernel's table of sockets and /proc.
package enum SessionCensus {
    /// More than any server has.
    private static let mostSockets = 1 << 20
    private static let mostProcesses = 1024

    /// The sockets of some processes and of all their descendants; processes that are gone, or may not be
    /// looked at, have none.
    package static func sockets(of workers: [Int32]) -> Set<UInt64> {
        var pending = workers
        var seen: Set<Int32> = []
        var inodes: Set<UInt64> = []
        while let process = pending.popLast(), seen.count < mostProcesses {
            guard seen.insert(process).inserted else { continue }
            inodes.formUnion(
                (try? ProcessView.socketInodes(of: process, atMost: mostSockets)) ?? [])
            pending += (try? SocketHolders.children(of: process)) ?? []
        }
        return inodes
    }

    /// Counts the sessions of one generation.
    ///
    /// - Parameters:
    ///   - sockets: what its workers have open.
    ///   - listeners: where its slots are bound.
    ///   - ownPorts: the ports that its workers have bound explicitly, none of them a listener's.
    package static func count(
        _ sockets: Set<UInt64>, listeners: [SocketPlace], ownPorts: Set<UInt16>
    ) throws(KernelError) -> OutsideSessions {
        var found = OutsideSessions()
        if sockets.isEmpty { return found }
        let streams = Set(listeners.filter(\.isStream).map(\.address.port))
        var diagnostics = try SocketDiagnostics()
        for question in questions(listeners, ownPorts) {
            try diagnostics.all(question) { socket in
                guard sockets.contains(socket.inode) else { return }
                if question.isStream {
                    if streams.contains(socket.localPort) { found.connections += 1 }
                } else if ownPorts.contains(socket.localPort) {
                    found.ownPorts.insert(socket.inode)
                } else if socket.hasPeer, isAtListener(socket.local, listeners) {
                    found.connectedSockets += 1
                }
            }
        }
        return found
    }

    /// One question for each port, as the kernel passes over the others by itself; one for all where
    /// there are many.
    private static func questions(
        _ listeners: [SocketPlace], _ ownPorts: Set<UInt16>
    ) -> [SocketDiagnostics.Question] {
        let streams = Set(listeners.filter(\.isStream).map(\.address.port))
        let datagrams = Set(listeners.filter { !$0.isStream }.map(\.address.port))
            .union(ownPorts)
        return [false, true].flatMap { isIPv6 in
            questions(of: streams, isIPv6, isStream: true, SocketState.open)
                + questions(of: datagrams, isIPv6, isStream: false, Set(SocketState.allCases))
        }
    }

    private static let mostQuestions = 8

    private static func questions(
        of ports: Set<UInt16>, _ isIPv6: Bool, isStream: Bool, _ states: Set<SocketState>
    ) -> [SocketDiagnostics.Question] {
        let asked: [UInt16?] = ports.count > mostQuestions ? [nil] : ports.map { $0 }
        return asked.map {
            SocketDiagnostics.Question(
                isIPv6: isIPv6, isStream: isStream, states: states, localPort: $0)
        }
    }

    private static func isAtListener(_ local: SocketAddress, _ listeners: [SocketPlace]) -> Bool {
        listeners.contains {
            !$0.isStream && $0.address.port == local.port
                && ($0.address.isWildcard || $0.address.unmapped == local.unmapped)
        }
    }
}
