import CKernel
import Glibc
import SystemPackage

/// Room for many datagrams of one family that are received or sent in one call.
///
/// Words in a datagram are little-endian; reading or writing past a slot's room traps.
@safe package final class FlowBatch {
    package let capacity: Int
    /// The longest datagram that fits; longer ones are cut.
    package let slotSize: Int

    private let batch: OpaquePointer

    package init(capacity: Int, slotSize: Int, isIPv6: Bool) {
        self.capacity = capacity
        self.slotSize = slotSize
        guard
            let batch = unsafe relevo_flowbatch_create(
                Int32(capacity), Int32(slotSize), isIPv6 ? 1 : 0)
        else { preconditionFailure("no memory for \(capacity) datagrams") }
        unsafe self.batch = unsafe batch
    }

    deinit { unsafe relevo_flowbatch_destroy(batch) }

    /// Takes waiting datagrams, without waiting for any unless `waits`; says how many.
    ///
    /// A refusal that waits on the socket (ECONNREFUSED) is passed over.
    package func receive(
        from socket: borrowing some DescriptorHolder & ~Copyable, waits: Bool = false
    ) throws(KernelError) -> Int {
        while true {
            do throws(KernelError) {
                return try socket.withRaw { number throws(KernelError) in
                    let count = try checkUnlessBlocked("recvmmsg") {
                        unsafe relevo_flowbatch_receive(batch, number, waits ? 1 : 0)
                    }
                    return Int(count ?? 0)
                }
            } catch {
                guard error.errno == .connectionRefused else { throw error }
            }
        }
    }

    /// Sends the datagrams of `range`, or as many from its start as the send queue takes.
    ///
    /// A refusal that waits on the socket (ECONNREFUSED) is passed over: it belongs to an earlier
    /// datagram.
    package func send(
        _ range: Range<Int>, through socket: borrowing some DescriptorHolder & ~Copyable
    ) throws(KernelError) -> Int {
        precondition(range.lowerBound >= 0 && range.upperBound <= capacity, "no such datagram")
        var sent = range.lowerBound
        while sent < range.upperBound {
            do throws(KernelError) {
                let count = try socket.withRaw { number throws(KernelError) in
                    try checkUnlessBlocked("sendmmsg") {
                        unsafe relevo_flowbatch_send(
                            batch, number, Int32(sent), Int32(range.upperBound))
                    }
                }
                guard let count else { break }
                sent += Int(count)
            } catch {
                guard error.errno == .connectionRefused else { throw error }
            }
        }
        return sent - range.lowerBound
    }

    /// Makes the first `count` datagrams, as received, answers to their peers.
    package func turn(_ count: Int) {
        precondition(count <= capacity, "no such datagram")
        unsafe relevo_flowbatch_turn(batch, Int32(count))
    }

    /// Where a received datagram came from.
    package func peer(of index: Int) -> FlowEndpoint {
        precondition(0..<capacity ~= index, "no such datagram")
        return FlowEndpoint(unsafe relevo_flowbatch_peer(batch, Int32(index)))
    }

    /// The local address a datagram was sent to, `none` unless the socket tells it.
    package func local(of index: Int) -> FlowEndpoint {
        precondition(0..<capacity ~= index, "no such datagram")
        return FlowEndpoint(unsafe relevo_flowbatch_local(batch, Int32(index)))
    }

    /// Sets where a datagram goes and the local address it comes from.
    package func address(
        _ index: Int, to peer: FlowEndpoint, from local: FlowEndpoint = .none
    ) {
        precondition(0..<capacity ~= index, "no such datagram")
        unsafe relevo_flowbatch_address(batch, Int32(index), peer.raw, local.raw)
    }

    /// The number of bytes in a datagram.
    package func length(of index: Int) -> Int {
        precondition(0..<capacity ~= index, "no such datagram")
        return Int(unsafe relevo_flowbatch_length(batch, Int32(index)))
    }

    package func setLength(_ length: Int, of index: Int) {
        precondition(0..<capacity ~= index && 0...slotSize ~= length, "no such datagram")
        unsafe relevo_flowbatch_set_length(batch, Int32(index), Int32(length))
    }

    /// Four bytes of a datagram.
    package func word32(at offset: Int, of index: Int) -> UInt32 {
        UInt32(littleEndian: unsafe room(offset, 4, of: index).loadUnaligned(as: UInt32.self))
    }

    /// Eight bytes of a datagram.
    package func word64(at offset: Int, of index: Int) -> UInt64 {
        UInt64(littleEndian: unsafe room(offset, 8, of: index).loadUnaligned(as: UInt64.self))
    }

    /// Writes four bytes into a datagram.
    package func store(_ word: UInt32, at offset: Int, of index: Int) {
        unsafe room(offset, 4, of: index).storeBytes(of: word.littleEndian, as: UInt32.self)
    }

    /// Writes eight bytes into a datagram.
    package func store(_ word: UInt64, at offset: Int, of index: Int) {
        unsafe room(offset, 8, of: index).storeBytes(of: word.littleEndian, as: UInt64.self)
    }

    /// Replaces a datagram.
    package func store(_ bytes: [UInt8], of index: Int) {
        setLength(bytes.count, of: index)
        let room = unsafe room(0, bytes.count, of: index)
        unsafe bytes.withUnsafeBytes { source in
            if let start = source.baseAddress {
                unsafe room.copyMemory(from: start, byteCount: source.count)
            }
        }
    }

    /// All bytes of a datagram.
    package func bytes(of index: Int) -> [UInt8] {
        let count = length(of: index)
        let room = unsafe room(0, count, of: index)
        return unsafe Array(UnsafeRawBufferPointer(start: room, count: count))
    }

    private func room(_ offset: Int, _ size: Int, of index: Int) -> UnsafeMutableRawPointer {
        precondition(
            0..<capacity ~= index && offset >= 0 && offset + size <= slotSize, "no such byte")
        guard let start = unsafe relevo_flowbatch_payload(batch, Int32(index)) else {
            preconditionFailure("a batch has its payload")
        }
        return unsafe UnsafeMutableRawPointer(start + offset)
    }
}
