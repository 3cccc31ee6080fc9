internal import CRelevoClient

extension LinkCore {
    /// The next datagram or message; `ended` when the other worker has closed its end, or died,
    /// and all that it sent has been taken. A packet that is none is `malformed`, and gone.
    mutating func next() throws(RelevoError) -> LinkItem {
        if left > 0 { return try nextDatagram() }
        var arrival = relevo_sys_arrival()
        let most = numbers.count
        let answer = unsafe relevo_sys_receive_packet(
            socket.number, incoming.bytes.baseAddress, incoming.bytes.count, &numbers, most,
            &arrival)
        if answer == -Int64(RELEVO_SYS_RESET) { throw RelevoError(.receive, .ended) }
        guard let count = try checkUnlessBlocked(.receive, answer) else { return .nothing }
        let descriptors = numbers[..<Int(arrival.descriptors)]
        if count == 0, descriptors.isEmpty { throw RelevoError(.receive, .ended) }
        let isWhole =
            arrival.truncated == 0 && arrival.lost == 0 && count >= LinkPacket.headerSize
            && incoming.load(UInt8.self, at: 1) == LinkPacket.version
        switch (isWhole, incoming.load(UInt8.self, at: 0)) {
        case (true, LinkPacket.message):
            return .message(LinkPacket.headerSize..<count, descriptors: Array(descriptors))
        case (true, LinkPacket.datagrams) where descriptors.isEmpty:
            left = incoming.load(UInt16.self, at: 2)
            position = LinkPacket.headerSize
            end = count
            guard left > 0 else { throw RelevoError(.receive, .malformed) }
            return try nextDatagram()
        default:
            for descriptor in descriptors { relevo_sys_close(descriptor) }
            throw RelevoError(.receive, .malformed)
        }
    }

    private mutating func nextDatagram() throws(RelevoError) -> LinkItem {
        let start = position + LinkPacket.recordSize
        guard start <= end else { return try malformed() }
        let length = Int(incoming.load(UInt32.self, at: position))
        guard length <= end - start else { return try malformed() }
        let datagram = ForwardedDatagram(
            source: incoming.loadAddress(at: position + 16),
            destination: incoming.loadAddress(at: position + 40),
            received: incoming.load(UInt64.self, at: position + 8))
        left -= 1
        position = start + LinkPacket.padded(length)
        return .datagram(datagram, start..<start + length)
    }

    /// The rest of the packet cannot be trusted.
    private mutating func malformed() throws(RelevoError) -> LinkItem {
        left = 0
        throw RelevoError(.receive, .malformed)
    }
}
