package import Kernel

/// Counts what workers hold besides their slots, by the kernel's table of sockets, and by /proc where that
/// shows a socket of which nobody knows whose it is.
///
/// A socket of the table may be any process's. Reading a worker's descriptors takes microseconds for each of
/// them, so it is done for sockets alone that were not seen before, and what it tells is remembered.
package struct SessionCensus: Sendable {
    /// More than any server has.
    private static let mostSockets = 1 << 20
    private static let mostProcesses = 1024
    /// A look at processes that took so long is not repeated before a hundred times that, as long as there are
    /// sessions without what it may find.
    private static let leastPause = 100

    /// A socket that the last dumps had.
    private struct Known: Sendable {
        /// Whether a worker has it; else it is somebody else's, the current generation's as a rule.
        let isOwn: Bool
        /// The number of the last look that has found it.
        var look: UInt64
    }

    /// By inode. A look costs one search in it for each socket.
    private var known: [UInt64: Known] = [:]
    private var look: UInt64 = 0
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
        look += 1
        var found = OutsideSessions()
        var unknown: [UInt64: Kind] = [:]
        var seen = 0
        try Self.findCandidates(listeners, ownPorts) { socket, kind in
            let inode = socket.inode
            guard let place = known.index(forKey: inode) else {
                unknown[inode] = kind
                return
            }
            // A table that changes meanwhile may show one twice.
            guard known.values[place].look != look else { return }
            known.values[place].look = look
            seen += 1
            if known.values[place].isOwn { found.add(inode, kind) }
        }
        if seen < known.count {
            for gone in known.filter({ $0.value.look != look }).keys { known[gone] = nil }
        }
        let now = MonotonicClock.now()
        // What may be the last session is looked for at once; beside others a new one may wait.
        guard !unknown.isEmpty, found.isEmpty || now >= nextLook else { return found }
        let held = Self.sockets(of: workers)
        for (inode, kind) in unknown {
            let isOwn = held.contains(inode)
            known[inode] = Known(isOwn: isOwn, look: look)
            if isOwn { found.add(inode, kind) }
        }
        let end = MonotonicClock.now()
        nextLook = end + (end - now) * Self.leastPause
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

    typealias Kind = OutsideSession.Kind

    /// Tells the sockets of whatever process that are sessions where a worker has them.
    static func findCandidates(
        _ listeners: [SocketPlace], _ ownPorts: Set<UInt16>,
        _ body: (borrowing DiagnosedSocket, Kind) -> Void
    ) throws(KernelError) {
        let streams = Set(listeners.filter(\.isStream).map(\.address.port))
        let places = DatagramPlaces(listeners)
        var diagnostics = try SocketDiagnostics()
        for question in questions(listeners, ownPorts) {
            try diagnostics.all(question) { socket in
                guard socket.inode != 0 else { return }
                if question.isStream {
                    if streams.contains(socket.localPort) { body(socket, .connection) }
                } else if !ownPorts.isEmpty, ownPorts.contains(socket.localPort) {
                    body(socket, .port)
                } else if socket.hasPeer, places.contain(socket) {
                    body(socket, .connected)
                }
            }
        }
    }

    /// Of datagram sockets those without a peer count at own ports alone.
    private static func questions(
        _ listeners: [SocketPlace], _ ownPorts: Set<UInt16>
    ) -> [SocketDiagnostics.Question] {
        let streams = Set(listeners.filter(\.isStream).map(\.address.port))
        let datagrams = Set(listeners.filter { !$0.isStream }.map(\.address.port))
        return [false, true].flatMap { isIPv6 in
            SocketDiagnostics.Question.questions(
                of: streams, isIPv6: isIPv6, isStream: true, states: SocketState.open)
                + SocketDiagnostics.Question.questions(
                    of: datagrams, isIPv6: isIPv6, isStream: false, states: [.established])
                + SocketDiagnostics.Question.questions(
                    of: ownPorts, isIPv6: isIPv6, isStream: false,
                    states: Set(SocketState.allCases))
        }
    }
}

/// Where the listeners for datagrams are bound, made so that a socket is compared at little cost.
private struct DatagramPlaces {
    /// Ports at which one is bound to all addresses.
    private var everywhere: Set<UInt16> = []
    private var exact: [SocketAddress] = []

    init(_ listeners: [SocketPlace]) {
        for place in listeners where !place.isStream {
            if place.address.isWildcard {
                everywhere.insert(place.address.port)
            } else {
                exact.append(place.address.unmapped)
            }
        }
    }

    func contain(_ socket: DiagnosedSocket) -> Bool {
        if !everywhere.isEmpty, everywhere.contains(socket.localPort) { return true }
        guard exact.contains(where: { $0.port == socket.localPort }) else { return false }
        let local = socket.local.unmapped
        return exact.contains { $0 == local }
    }
}

extension OutsideSessions {
    fileprivate mutating func add(_ inode: UInt64, _ kind: SessionCensus.Kind) {
        switch kind {
        case .connection: connections += 1
        case .connected: connectedSockets += 1
        case .port: ownPorts.insert(inode)
        }
    }
}
