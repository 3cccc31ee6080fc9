internal import CRelevoClient

/// The worker's end of the socket to its supervisor; packets in, packets out, no meaning.
struct Channel: ~Copyable {
    /// The specification's limits.
    static let longestPacket = 4096
    static let mostDescriptors = 32

    let socket: Descriptor
    private var room = [UInt8](repeating: 0, count: longestPacket)
    private var numbers = [Int32](repeating: -1, count: mostDescriptors)

    init(adopting number: Int32) throws(RelevoError) {
        socket = Descriptor(adopting: number)
        try check(.openChannel, relevo_sys_set_cloexec(number))
    }

    /// What has come, or nil if nothing has; an end of file is `ended`.
    mutating func receive() throws(RelevoError) -> Arrival? {
        var arrival = relevo_sys_arrival()
        let capacity = room.count
        let mostDescriptors = numbers.count
        let answer = unsafe relevo_sys_receive_packet(
            socket.number, &room, capacity, &numbers, mostDescriptors, &arrival)
        if answer == -Int64(RELEVO_SYS_RESET) { throw RelevoError(.receive, .ended) }
        guard let count = try checkUnlessBlocked(.receive, answer) else { return nil }
        if count == 0, arrival.descriptors == 0 { throw RelevoError(.receive, .ended) }
        let isWhole = arrival.truncated == 0 && arrival.lost == 0
        return Arrival(
            message: isWhole ? Message(room.piece(0, count)) : nil,
            descriptors: Array(numbers[..<Int(arrival.descriptors)]))
    }

    /// Whether the packet went out; false when the socket has no room.
    func send(
        _ packet: Packet, _ descriptors: [Int32] = [], as action: RelevoError.Action = .tell
    ) throws(RelevoError) -> Bool {
        guard packet.bytes.count <= Self.longestPacket,
            descriptors.count <= Self.mostDescriptors
        else { throw RelevoError(action, .invalid) }
        let answer = unsafe relevo_sys_send_packet(
            socket.number, packet.bytes, packet.bytes.count, descriptors, descriptors.count)
        switch answer {
        case -Int64(RELEVO_SYS_PIPE), -Int64(RELEVO_SYS_RESET):
            throw RelevoError(action, .ended)
        default: return try checkUnlessBlocked(action, answer) != nil
        }
    }
}
