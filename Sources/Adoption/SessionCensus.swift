package import Kernel

/// Counts what workers hold besides their slots, by the kernel's table of sockets, and by /proc where that
/// shows a socket of which nobody knows whose it is.
///
/// A socket of the table may be any process's. Reading a worker's descriptors takes microseconds for each of
/// them, so it is done for sockets alone that were not seen before, and what it tells is remembered.
package struct SessionCensus {
    /// More than any server has.
    private static let mostSockets = 1 << 20
    private static let mostProcesses = 1024
    /// A look at processes that took so long is not repeated before a hundred times that, as long as there are
    /// sessions without what it may find.
    private static let leastPause = 100

    /// Sockets of the workers, as far as the last dumps had them.
    private var own: Set<UInt64> = []
    /// Sockets of somebody else: the current generation's, as a rule.
    private var others: Set<UInt64> = []
    private var nextLook = Duration.zero

    package init() {}

    /// Counts the sessions of one generation.
    ///
    /// - Parameters:
    ///   - workers: its processes.
    ///   - listeners: where its slots are bound.
    ///   - ownPorts: the ports that its workers have bound explicitly, none of them a listener's.
    package mutating func count(
        of workers: [Int32], listeners: [SocketPlace], ownPorts: Set<UInt16>
    ) throws(KernelError) -> OutsideSessions {
        let there = try Self.candidates(listeners, ownPorts)
        own.formIntersection(there.keys)
        others.formIntersection(there.keys)
        let unknown = Set(there.keys).subtracting(own).subtracting(others)
        let now = MonotonicClock.now()
        // What may be the last session is looked for at once; beside others a new one may wait.
        if !unknown.isEmpty, own.isEmpty || now >= nextLook {
            let held = Self.sockets(of: workers)
            own.formUnion(unknown.intersection(held))
            others.formUnion(unknown.subtracting(held))
            let end = MonotonicClock.now()
            nextLook = end + (end - now) * Self.leastPause
        }
        var found = OutsideSessions()
        for inode in own {
            switch there[inode] {
            case .connection: found.connections += 1
            case .connected: found.connectedSockets += 1
            case .ownPort: found.ownPorts.insert(inode)
            case nil: break
            }
        }
        return found
    }

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

    private enum Kind { case connection, connected, ownPort }

    /// The sockets of whatever process that are sessions where a worker has them.
    private static func candidates(
        _ listeners: [SocketPlace], _ ownPorts: Set<UInt16>
    ) throws(KernelError) -> [UInt64: Kind] {
        var found: [UInt64: Kind] = [:]
        let streams = Set(listeners.filter(\.isStream).map(\.address.port))
        var diagnostics = try SocketDiagnostics()
        for question in questions(listeners, ownPorts) {
            try diagnostics.all(question) { socket in
                guard socket.inode != 0 else { return }
                if question.isStream {
                    if streams.contains(socket.localPort) { found[socket.inode] = .connection }
                } else if ownPorts.contains(socket.localPort) {
                    found[socket.inode] = .ownPort
                } else if socket.hasPeer, isAtListener(socket.local, listeners) {
                    found[socket.inode] = .connected
                }
            }
        }
        return found
    }

    /// One question for each port, as the kernel passes over the others by itself; one for all where
    /// there are many. Of datagram sockets those without a peer count at own ports alone.
    private static func questions(
        _ listeners: [SocketPlace], _ ownPorts: Set<UInt16>
    ) -> [SocketDiagnostics.Question] {
        let streams = Set(listeners.filter(\.isStream).map(\.address.port))
        let datagrams = Set(listeners.filter { !$0.isStream }.map(\.address.port))
        return [false, true].flatMap { isIPv6 in
            questions(of: streams, isIPv6, isStream: true, SocketState.open)
                + questions(of: datagrams, isIPv6, isStream: false, [.established])
                + questions(of: ownPorts, isIPv6, isStream: false, Set(SocketState.allCases))
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
