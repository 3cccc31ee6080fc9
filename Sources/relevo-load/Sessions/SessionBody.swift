/// What both ends say in a datagram of a session, behind the header of its protocol.
struct SessionBody: Equatable {
    static let size = 64
    /// "RLVS".
    private static let magic: UInt32 = 0x524c_5653
    /// So many ids at most are given in one answer.
    static let mostIDs = 4

    var flow: UInt64
    var sequence: UInt64
    /// When the client sent it, by its own clock.
    var sent: UInt64
    var run: UInt64
    /// The client asks for ids to use later.
    var wantsIDs = false
    /// Of an answer: whether the server knew the session.
    var isKnown = true
    var server = ServerIdentity(generation: 0, worker: 0, process: 0)
    /// The datagrams of the session that the server has seen.
    var count: UInt64 = 0
    /// Ids of the server that the client may use from here on.
    var ids: [[UInt8]] = []

    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        func add(_ value: some FixedWidthInteger & UnsignedInteger) {
            for shift in stride(from: value.bitWidth - 8, through: 0, by: -8) {
                bytes.append(UInt8(truncatingIfNeeded: value >> shift))
            }
        }
        add(Self.magic)
        add(UInt8((wantsIDs ? 1 : 0) | (isKnown ? 2 : 0)))
        add(UInt8(ids.count))
        add(UInt16(ids.first?.count ?? 0))
        for word in [flow, sequence, sent, run] { add(word) }
        for word in [server.generation, server.worker, server.process, 0] { add(word) }
        add(count)
        return bytes + ids.joined()
    }

    init(flow: UInt64, sequence: UInt64, sent: UInt64, run: UInt64) {
        self.flow = flow
        self.sequence = sequence
        self.sent = sent
        self.run = run
    }

    /// nil for what neither end has written.
    init?(_ bytes: some RandomAccessCollection<UInt8>) {
        var rest = Array(bytes)[...]
        func take<Value: FixedWidthInteger>(_ type: Value.Type) -> Value {
            defer { rest = rest.dropFirst(MemoryLayout<Value>.size) }
            return rest.prefix(MemoryLayout<Value>.size).reduce(0) { $0 << 8 | Value($1) }
        }
        guard rest.count >= Self.size, take(UInt32.self) == Self.magic else { return nil }
        let flags = take(UInt8.self)
        let count = Int(take(UInt8.self))
        let length = Int(take(UInt16.self))
        self.init(
            flow: take(UInt64.self), sequence: take(UInt64.self), sent: take(UInt64.self),
            run: take(UInt64.self))
        wantsIDs = flags & 1 != 0
        isKnown = flags & 2 != 0
        server = ServerIdentity(
            generation: take(UInt32.self), worker: take(UInt32.self), process: take(UInt32.self))
        _ = take(UInt32.self)
        self.count = take(UInt64.self)
        guard count <= Self.mostIDs, length <= 20, rest.count >= count * length else { return nil }
        for _ in 0..<count {
            ids.append(Array(rest.prefix(length)))
            rest = rest.dropFirst(length)
        }
    }
}
