import CKernel
import Glibc

/// A row of datagrams that are sent or received in one system call, in memory allocated once.
///
/// A datagram that was received and is sent again goes back to where it came from, by the address
/// it was sent to where the socket reports that (`reportLocalAddresses()`).
@safe package final class DatagramBatch {
    /// How many datagrams it has room for.
    package let capacity: Int
    /// How long each may be; what is longer is received cut.
    package let datagramSize: Int
    let raw: OpaquePointer

    package init(capacity: Int, datagramSize: Int = 2048) {
        precondition(capacity > 0 && datagramSize > 0, "a batch has room")
        guard let raw = unsafe relevo_batch_create(capacity, datagramSize) else {
            preconditionFailure("out of memory")
        }
        self.capacity = capacity
        self.datagramSize = datagramSize
        unsafe self.raw = unsafe raw
    }

    deinit { unsafe relevo_batch_destroy(raw) }

    /// Sends datagrams, each to its peer or to the one the socket is connected to; how many went,
    /// 0 when the send queue is full. An error is that of the first one.
    package func send(
        through socket: borrowing DatagramSocket, _ range: Range<Int>
    ) throws(KernelError) -> Int {
        precondition(range.lowerBound >= 0 && range.upperBound <= capacity, "no such datagram")
        if range.isEmpty { return 0 }
        let number = socket.descriptor.number
        let sent = try checkUnlessBlocked("sendmmsg") {
            unsafe relevo_batch_send(raw, number, range.lowerBound, range.count)
        }
        return Int(sent ?? 0)
    }

    /// Receives into the first places; how many came, 0 when there is none.
    ///
    /// - Parameter waiting: waits for the first one, on a blocking socket.
    package func receive(
        from socket: borrowing DatagramSocket, waiting: Bool = false
    ) throws(KernelError) -> Int {
        let number = socket.descriptor.number
        let got = try checkUnlessBlocked("recvmmsg") {
            unsafe relevo_batch_receive(raw, number, waiting ? 1 : 0)
        }
        return Int(got ?? 0)
    }

    /// Receives what is there and sends the replies that `reply` writes over the datagrams, nil
    /// for none; how many were received. One step of a server's loop.
    package func exchange(
        on socket: borrowing DatagramSocket, waiting: Bool = false, reply: (Int) -> Int?
    ) throws(KernelError) -> Int {
        let received = try receive(from: socket, waiting: waiting)
        var start = 0
        for index in 0..<received {
            if let length = reply(index) {
                self[length: index] = length
            } else {
                try sendAll(through: socket, start..<index)
                start = index + 1
            }
        }
        try sendAll(through: socket, start..<received)
        return received
    }

    private func sendAll(
        through socket: borrowing DatagramSocket, _ range: Range<Int>
    ) throws(KernelError) {
        var rest = range
        while !rest.isEmpty {
            let sent = try send(through: socket, rest)
            rest = rest.dropFirst(sent)
            if sent == 0 { _ = try socket.wait(for: .writable, within: .seconds(1)) }
        }
    }
}

extension DatagramBatch {
    /// The length of one datagram.
    package subscript(length index: Int) -> Int {
        get {
            checkIndex(index)
            return unsafe relevo_batch_length(raw, index)
        }
        set {
            checkIndex(index)
            precondition(newValue >= 0 && newValue <= datagramSize, "longer than its room")
            unsafe relevo_batch_set_length(raw, index, newValue)
        }
    }

    /// The other end: where one goes, or where it came from; nil for the connected peer.
    package subscript(peer index: Int) -> SocketAddress? {
        get {
            checkIndex(index)
            return SocketAddress(unsafe relevo_batch_peer(raw, index))
        }
        set {
            checkIndex(index)
            unsafe relevo_batch_set_peer(raw, index, relevo_ip(newValue))
        }
    }

    /// This end: the address one is sent from, or was sent to (port 0); nil for the socket's own.
    package subscript(local index: Int) -> SocketAddress? {
        get {
            checkIndex(index)
            return SocketAddress(unsafe relevo_batch_local(raw, index))
        }
        set {
            checkIndex(index)
            unsafe relevo_batch_set_local(raw, index, relevo_ip(newValue))
        }
    }

    /// The byte of the header that has DSCP and ECN, of one that was received (`reportTrafficClass()`).
    package func trafficClass(of index: Int) -> UInt8 {
        checkIndex(index)
        return unsafe relevo_batch_class(raw, index)
    }

    /// The bytes of one datagram; setting them sets the length.
    package subscript(bytes index: Int) -> [UInt8] {
        get {
            unsafe Array(UnsafeRawBufferPointer(rebasing: room(of: index)[..<self[length: index]]))
        }
        set {
            self[length: index] = newValue.count
            unsafe room(of: index).copyBytes(from: newValue)
        }
    }

    /// Writes a number in big-endian order into one datagram's room; the length stays.
    package func store<Number: FixedWidthInteger & BitwiseCopyable>(
        _ number: Number, at offset: Int, in index: Int
    ) {
        checkRange(offset, MemoryLayout<Number>.size)
        unsafe room(of: index).storeBytes(
            of: number.bigEndian, toByteOffset: offset, as: Number.self)
    }

    /// Reads a number in big-endian order from one datagram's room.
    package func load<Number: FixedWidthInteger & BitwiseCopyable>(
        _ type: Number.Type = Number.self, at offset: Int, in index: Int
    ) -> Number {
        checkRange(offset, MemoryLayout<Number>.size)
        return Number(
            bigEndian: unsafe room(of: index).loadUnaligned(fromByteOffset: offset, as: type))
    }

    private func room(of index: Int) -> UnsafeMutableRawBufferPointer {
        checkIndex(index)
        return unsafe UnsafeMutableRawBufferPointer(
            start: relevo_batch_bytes(raw, index), count: datagramSize)
    }

    private func checkIndex(_ index: Int) {
        precondition(index >= 0 && index < capacity, "no such datagram")
    }

    private func checkRange(_ offset: Int, _ size: Int) {
        precondition(offset >= 0 && offset + size <= datagramSize, "beyond the datagram's room")
    }
}

extension SocketAddress {
    fileprivate init?(_ ip: relevo_ip) {
        let bits = unsafe unsafeBitCast(ip.bytes, to: UInt128.self).bigEndian
        switch Int32(ip.family) {
        case AF_INET: self = .ipv4(UInt32(truncatingIfNeeded: bits >> 96), port: ip.port)
        case AF_INET6: self = .ipv6(bits, port: ip.port, scope: ip.scope)
        default: return nil
        }
    }
}

extension relevo_ip {
    fileprivate init(_ address: SocketAddress?) {
        self.init()
        guard let address else { return }
        port = address.port
        switch address {
        case .ipv4(let bits, _):
            family = UInt16(AF_INET)
            let network = (UInt128(bits) << 96).bigEndian
            bytes = unsafe unsafeBitCast(network, to: type(of: bytes))
        case .ipv6(let bits, _, let scope):
            family = UInt16(AF_INET6)
            self.scope = scope
            bytes = unsafe unsafeBitCast(bits.bigEndian, to: type(of: bytes))
        }
    }
}
