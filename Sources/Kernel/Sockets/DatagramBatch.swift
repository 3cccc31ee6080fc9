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
