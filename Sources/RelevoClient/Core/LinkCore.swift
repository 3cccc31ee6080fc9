internal import CRelevoClient

/// One end of a link, with datagrams gathered into packets on the way out and taken out of them
/// on the way in.
///
/// For one thread at a time. Never waits.
struct LinkCore: ~Copyable {
    let socket: Descriptor
    let outgoing = LinkBuffer(size: LinkPacket.largest)
    let incoming = LinkBuffer(size: LinkPacket.largest)
    /// Datagrams in `outgoing`, and its bytes; 0 and the header's size when there is none.
    var gathered: UInt16 = 0
    var filled = LinkPacket.headerSize
    /// Datagrams left in `incoming`, where the next one begins and where the packet ends.
    var left: UInt16 = 0
    var position = 0
    var end = 0
    var numbers = [Int32](repeating: -1, count: Int(RELEVO_SYS_MOST_DESCRIPTORS))

    /// Takes over the descriptor that came with a link.
    init(adopting number: Int32) throws(RelevoError) {
        socket = Descriptor(adopting: number)
        guard relevo_sys_is_packet_socket(number) == 1 else { throw RelevoError(.link, .invalid) }
        try check(.link, relevo_sys_set_cloexec(number))
        // Room for some packets; the system's limit (net.core.wmem_max) may grant less.
        _ = relevo_sys_grow_send_room(number, 4 << 20)
    }

    /// Sends bytes as they are; false when the other end has no room.
    func send(_ bytes: UnsafeRawBufferPointer, _ descriptors: [Int32] = [])
        throws(RelevoError) -> Bool
    {
        let answer = unsafe relevo_sys_send_packet(
            socket.number, bytes.baseAddress, bytes.count, descriptors, descriptors.count)
        switch answer {
        case -Int64(RELEVO_SYS_PIPE), -Int64(RELEVO_SYS_RESET):
            throw RelevoError(.forward, .ended)
        default: return try checkUnlessBlocked(.forward, answer) != nil
        }
    }
}
