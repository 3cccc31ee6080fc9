internal import CRelevoClient

/// Tries out on loopback whether a way to make connected sockets is sound on this kernel for this
/// kind of listener.
struct ConnectedTrial {
    /// How far a way can be trusted.
    enum Verdict: UInt8 {
        case unsound
        /// Only where a program chooses the listener's socket for every datagram.
        case soundUnderProgram
        case sound
    }

    private static let strangers = 32

    let isIPv4: Bool
    let isWildcard: Bool

    /// Loopback that cannot be used is no reason to trust it.
    func verdict(_ way: ConnectedWay) -> Verdict {
        do throws(RelevoError) {
            return try run(way)
        } catch {
            return .unsound
        }
    }

    private var home: InternetAddress {
        isIPv4
            ? InternetAddress(v4: 0x7f00_0001, port: 0) : InternetAddress(v6: 0, 1, port: 0)
    }

    private func run(_ way: ConnectedWay) throws(RelevoError) -> Verdict {
        let sockets = TrialSockets(home)
        var bound = isWildcard ? InternetAddress(family: home.family, port: 0, low: 0) : home
        let first = try sockets.member(bound)
        bound.port = try TrialSockets.address(of: first).port
        let second = try sockets.member(bound)
        var strangers: [Int32] = []
        for _ in 0..<Self.strangers { strangers.append(try sockets.sender()) }
        let peers = [try sockets.sender(), try sockets.sender(), try sockets.sender()]
        let before = try sockets.send(
            from: strangers, to: bound.port, receivers: [first, second])

        let isMapped = way == .mapped || way == .mappedAfterPriming
        var connected: [Int32] = []
        func connect(_ peer: Int32) throws(RelevoError) {
            var place = way == .specific ? home : bound
            place.port = bound.port
            let made = try ConnectedSocket.make(
                beside: first, at: place, for: try TrialSockets.address(of: peer),
                isMapped: isMapped
            ).connected()
            connected.append(sockets.keep(made.release()))
        }
        /// Whether each peer that has a socket, and no other, gets to it.
        func reaches(_ listeners: [Int32]) throws(RelevoError) -> Bool {
            let found = try sockets.send(
                from: Array(peers[..<connected.count]), to: bound.port,
                receivers: connected + listeners)
            for index in 0..<connected.count where found[index] != index { return false }
            return true
        }
        /// Whether a program that names the first listener is obeyed for all strangers.
        func obeys(_ listeners: [Int32]) throws(RelevoError) -> Bool {
            let found = try sockets.send(
                from: strangers, to: bound.port, receivers: listeners + connected)
            for place in found where place != 0 { return false }
            return true
        }

        if way == .mappedAfterPriming { _ = try ConnectedSocket.primer(at: bound) }
        try connect(peers[0])
        try connect(peers[1])
        guard try reaches([first, second]) else { return .unsound }
        let after = try sockets.send(
            from: strangers, to: bound.port, receivers: [first, second] + connected)
        // The plain hash goes by the number of the group's members.
        var isOutside = true
        for index in 0..<strangers.count where after[index] != before[index] { isOutside = false }
        let third = try sockets.member(bound)
        guard try reaches([first, second, third]) else { return .unsound }
        try check(.accept, relevo_sys_steer_to_first(first))
        guard try obeys([first, second, third]), try reaches([first, second, third]) else {
            return .unsound
        }
        try connect(peers[2])
        sockets.close(second)
        guard try obeys([first, third]), try reaches([first, third]) else { return .unsound }
        return isOutside ? .sound : .soundUnderProgram
    }
}
