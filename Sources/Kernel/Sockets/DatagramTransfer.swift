import Glibc
import SystemPackage

extension DatagramSocket {
    /// Sends one datagram to the connected peer; false when the send queue is full.
    @discardableResult
    package borrowing func send(_ bytes: [UInt8]) throws(KernelError) -> Bool {
        let number = descriptor.number
        return try checkUnlessBlocked("send") {
            unsafe bytes.withUnsafeBytes {
                unsafe Glibc.send(number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
        } != nil
    }

    /// Sends one datagram; false when the send queue is full.
    @discardableResult
    package borrowing func send(
        _ bytes: [UInt8], to address: SocketAddress
    ) throws(KernelError) -> Bool {
        let number = descriptor.number
        let raw = RawSocketAddress(address)
        return try checkUnlessBlocked("sendto", on: "\(address)") {
            unsafe raw.withBytes { address, length in
                unsafe bytes.withUnsafeBytes {
                    unsafe sendto(
                        number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL), address,
                        length)
                }
            }
        } != nil
    }

    /// Takes one datagram without waiting; nil when there is none.
    package borrowing func receive() throws(KernelError) -> ReceivedDatagram? {
        let number = descriptor.number
        var raw = RawSocketAddress()
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = try checkUnlessBlocked("recvfrom") {
            unsafe raw.withRoom { address, length in
                unsafe bytes.withUnsafeMutableBytes {
                    unsafe recvfrom(
                        number, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT), address,
                        length)
                }
            }
        }
        guard let count else { return nil }
        guard let source = raw.address else {
            throw KernelError("recvfrom", .addressFamilyNotSupported)
        }
        return ReceivedDatagram(bytes: Array(bytes.prefix(count)), source: source)
    }

    /// Takes one datagram, waiting for it at most this long; nil when none came.
    package borrowing func receive(
        within limit: Duration
    ) throws(KernelError) -> ReceivedDatagram? {
        guard try descriptor.wait(for: .readable, within: limit) else { return nil }
        return try receive()
    }

    /// Empties the queue of a socket that nobody will read any more and says how many were in it.
    package borrowing func discardQueue() throws(KernelError) -> Int {
        let number = descriptor.number
        var count = 0
        while true {
            do throws(KernelError) {
                let taken = try checkUnlessBlocked("recv") {
                    recv(number, nil, 0, Int32(MSG_DONTWAIT))
                }
                guard taken != nil else { return count }
                count += 1
            } catch {
                guard error.errno == .connectionRefused else { throw error }
                continue
            }
        }
    }
}
