import Kernel

/// Where flows come from: every flow has a source address and port that no other had in the run.
///
/// Towards IPv4 loopback few sockets are enough, since each can send from every address of
/// 127.0.0.0/8; elsewhere a flow is a socket.
struct SourceSockets {
    private(set) var sockets: [SourceSocket] = []
    private let target: SocketAddress
    private let sharesSockets: Bool
    private let reportsLocal: Bool
    private var nextAddress: [UInt32] = []
    private var nextOrdinal = 0
    /// Ports of flows that each had a socket: one that comes back would be the flow before.
    private var usedPorts: Set<UInt16> = []

    /// From 127.1.0.1 on, far from the addresses that people use; not the same in each run, since a
    /// port may come back while the flow that had it is remembered.
    private static let firstAddress: UInt32 = 0x7f01_0001 + .random(in: 0..<0x40_0000)
    private static let lastAddress: UInt32 = 0x7ffe_ffff
    private static let spacing: UInt32 = 4096

    init(for plan: LoadPlan) throws {
        target = plan.target
        if case .ipv4(let bits, _) = plan.target, bits >> 24 == 127 {
            sharesSockets = true
        } else {
            sharesSockets = false
        }
        // Our own answers name their flow, those of a DNS server only its address.
        reportsLocal = sharesSockets && plan.dns != nil
        let count = sharesSockets ? min(plan.flows, plan.sources) : plan.flows
        try Self.allowDescriptors(count + 64)
        for _ in 0..<count { try addSocket() }
    }

    /// Which socket a flow's slot uses: neighbours share one, so that they go out in one call.
    func source(ofSlot slot: Int, of flows: Int) -> Int {
        sharesSockets ? slot * sockets.count / max(1, flows) : slot
    }

    /// A source address that its socket has not used yet; nil where the socket is the flow.
    mutating func takeAddress(of source: Int) throws -> UInt32? {
        guard sharesSockets else { return nil }
        let address = nextAddress[source]
        guard address <= Self.lastAddress else {
            throw LoadError("all source addresses are used up; end the run earlier")
        }
        nextAddress[source] += 1
        return address
    }

    /// A new socket in the place of one whose flow has ended; nil where sockets are shared.
    mutating func replace(_ source: Int) throws -> SourceSocket? {
        guard !sharesSockets else { return nil }
        let old = sockets[source]
        sockets[source] = try newSocket()
        return old
    }

    private mutating func addSocket() throws {
        sockets.append(try newSocket())
        // Flows of two sockets are two clients', too.
        nextAddress.append(Self.firstAddress + UInt32(nextAddress.count % 256) * Self.spacing)
    }

    private mutating func newSocket() throws -> SourceSocket {
        nextOrdinal += 1
        // Held until the end, or the kernel would offer the same ports again.
        var refused: [SourceSocket] = []
        while refused.count < Self.mostRefusals {
            let made = try SourceSocket(nextOrdinal, towards: target, reportsLocal: reportsLocal)
            if sharesSockets { return made }
            if usedPorts.insert(try made.socket.localAddress().port).inserted { return made }
            refused.append(made)
        }
        throw LoadError("all source ports are used up; open fewer flows or end the run earlier")
    }

    /// So many used ports in a row mean that hardly any is left.
    private static let mostRefusals = 200

    private static func allowDescriptors(_ count: Int) throws {
        let limit = try ResourceLimit.openFiles.read()
        if limit.soft >= UInt64(count) { return }
        guard limit.hard >= UInt64(count) else {
            throw LoadError(
                "\(count) flows to this target need as many sockets; at most \(limit.hard) are "
                    + "allowed (raise 'ulimit -n')")
        }
        try ResourceLimit.openFiles.set(soft: UInt64(count), hard: limit.hard)
    }
}
