/// What a socket's queues hold, without reading them (SO_MEMINFO, sock(7)).
package struct SocketMemory: Hashable, Sendable {
    /// Bytes of kernel memory held by datagrams that nobody has read.
    package let receiveAllocated: Int
    /// The limit of that, as the kernel counts it.
    package let receiveLimit: Int
    /// Datagrams dropped since the socket exists, the receive buffer being full.
    package let drops: UInt32

    /// SK_MEMINFO_VARS words as the kernel writes them.
    struct Words: BitwiseCopyable {
        var receiveAllocated: UInt32 = 0
        var receiveLimit: UInt32 = 0
        var sendAllocated: UInt32 = 0
        var sendLimit: UInt32 = 0
        var forwarded: UInt32 = 0
        var sendQueued: UInt32 = 0
        var options: UInt32 = 0
        var backlog: UInt32 = 0
        var drops: UInt32 = 0
    }

    init(_ words: Words) {
        receiveAllocated = Int(words.receiveAllocated)
        receiveLimit = Int(words.receiveLimit)
        drops = words.drops
    }
}
