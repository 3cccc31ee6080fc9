internal import CRelevoClient

extension LinkCore {
    /// Passes a datagram on. It goes out when the packet is full, or with `flush`. False when
    /// neither packet nor socket has room: then the datagram has not been taken.
    mutating func forward(
        _ payload: UnsafeRawBufferPointer, from source: InternetAddress?,
        to destination: InternetAddress?, received: UInt64
    ) throws(RelevoError) -> Bool {
        guard payload.count <= LinkPacket.largestMessage else {
            throw RelevoError(.forward, .invalid)
        }
        let size = LinkPacket.recordSize + LinkPacket.padded(payload.count)
        if filled + size > LinkPacket.largest || gathered == .max {
            guard try flush() else { return false }
        }
        outgoing.store(UInt32(payload.count), at: filled)
        outgoing.store(UInt32(0), at: filled + 4)
        outgoing.store(received, at: filled + 8)
        outgoing.store(source, at: filled + 16)
        outgoing.store(destination, at: filled + 40)
        let start = filled + LinkPacket.recordSize
        // What pads it is zeroed first, so that nothing of this process's memory gets out.
        if payload.count & 7 != 0 { outgoing.store(UInt64(0), at: filled + size - 8) }
        unsafe UnsafeMutableRawBufferPointer(
            rebasing: outgoing.bytes[start..<start + payload.count]
        ).copyMemory(from: payload)
        filled += size
        gathered += 1
        return true
    }

    /// Sends what has been gathered; false when the other end has no room: it stays gathered,
    /// and the descriptor gets writable when there is room.
    mutating func flush() throws(RelevoError) -> Bool {
        guard gathered > 0 else { return true }
        outgoing.store(LinkPacket.datagrams, at: 0)
        outgoing.store(LinkPacket.version, at: 1)
        outgoing.store(gathered, at: 2)
        outgoing.store(UInt32(0), at: 4)
        guard try unsafe send(UnsafeRawBufferPointer(rebasing: outgoing.bytes[..<filled])) else {
            return false
        }
        gathered = 0
        filled = LinkPacket.headerSize
        return true
    }

    /// Sends a message of the application's own, after all that has been gathered. The
    /// descriptors stay the caller's. False when the other end has no room.
    mutating func send(
        message: UnsafeRawBufferPointer, descriptors: [Int32]
    ) throws(RelevoError) -> Bool {
        guard message.count <= LinkPacket.largestMessage,
            descriptors.count <= Int(RELEVO_SYS_MOST_DESCRIPTORS)
        else { throw RelevoError(.forward, .invalid) }
        guard try flush() else { return false }
        // The packet of datagrams is empty now and lends its room.
        outgoing.store(LinkPacket.message, at: 0)
        outgoing.store(LinkPacket.version, at: 1)
        outgoing.store(UInt16(0), at: 2)
        outgoing.store(UInt32(0), at: 4)
        let end = LinkPacket.headerSize + message.count
        unsafe UnsafeMutableRawBufferPointer(
            rebasing: outgoing.bytes[LinkPacket.headerSize..<end]
        ).copyMemory(from: message)
        return try unsafe send(
            UnsafeRawBufferPointer(rebasing: outgoing.bytes[..<end]), descriptors)
    }
}
