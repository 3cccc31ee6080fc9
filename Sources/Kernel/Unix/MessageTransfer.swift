import CKernel
import Glibc

extension OwnedDescriptor {
    /// Sends one message; nil when the receiver's queue is full.
    borrowing func sendMessage(
        _ bytes: [UInt8], descriptors: [Int32], to address: RawSocketAddress? = nil,
        as credentials: relevo_credentials? = nil, on subject: String = ""
    ) throws(KernelError) -> Int? {
        let number = self.number
        return try checkUnlessBlocked("sendmsg", on: subject) {
            unsafe bytes.withUnsafeBytes { bytes in
                unsafe descriptors.withUnsafeBufferPointer { descriptors in
                    unsafe withPointer(to: credentials) { credentials in
                        guard let address else {
                            return unsafe relevo_send_message(
                                number, bytes.baseAddress, bytes.count, descriptors.baseAddress,
                                descriptors.count, credentials, nil, 0)
                        }
                        return unsafe address.withBytes {
                            unsafe relevo_send_message(
                                number, bytes.baseAddress, bytes.count, descriptors.baseAddress,
                                descriptors.count, credentials, $0, $1)
                        }
                    }
                }
            }
        }
    }

    /// Takes one message; nil when there is none.
    borrowing func receiveMessage(
        upTo capacity: Int, descriptors wanted: Int
    ) throws(KernelError) -> MessageWithDescriptors? {
        let number = self.number
        var bytes = [UInt8](repeating: 0, count: capacity)
        var descriptors = [Int32](repeating: -1, count: wanted)
        var received = relevo_received()
        let count = try checkUnlessBlocked("recvmsg") {
            unsafe bytes.withUnsafeMutableBytes { bytes in
                unsafe descriptors.withUnsafeMutableBufferPointer { descriptors in
                    unsafe relevo_receive_message(
                        number, bytes.baseAddress, bytes.count, descriptors.baseAddress,
                        descriptors.count, &received)
                }
            }
        }
        guard let count else { return nil }
        bytes.removeLast(capacity - count)
        return MessageWithDescriptors(
            bytes: bytes,
            descriptors: DescriptorList(
                received: Array(descriptors.prefix(received.descriptor_count))),
            credentials: received.has_credentials == 1
                ? PeerCredentials(received.credentials) : nil,
            isCut: received.flags & Int32(MSG_TRUNC) != 0,
            lostDescriptors: received.surplus_count > 0 || received.flags & Int32(MSG_CTRUNC) != 0)
    }
}

/// Lends a pointer to the value, or nil.
private func withPointer<Value, Result>(
    to value: Value?, _ body: (UnsafePointer<Value>?) -> Result
) -> Result {
    guard let value else { return body(nil) }
    return unsafe withUnsafePointer(to: value) { unsafe body($0) }
}

/// One message that arrived on a local socket, with the descriptors that came in it.
package struct MessageWithDescriptors: ~Copyable, Sendable {
    /// Empty at the end of a connection.
    package let bytes: [UInt8]
    /// CLOEXEC, each closed unless it is taken.
    package var descriptors: DescriptorList
    /// Who sent it, where the socket asks for that (SO_PASSCRED).
    package let credentials: PeerCredentials?
    /// Whether the message was longer than the room for it; the rest is lost.
    package let isCut: Bool
    /// Whether more descriptors were sent than wanted or than this process may have; those are
    /// closed.
    package let lostDescriptors: Bool
}

/// Descriptors that travel together, each closed unless it is taken.
package struct DescriptorList: ~Copyable, Sendable {
    private(set) var numbers: [Int32] = []
    /// Whether another process has sent them.
    private let areForeign: Bool

    package init() { areForeign = false }

    /// Takes over descriptors that have arrived.
    init(received numbers: [Int32]) {
        self.numbers = numbers
        areForeign = true
    }

    deinit {
        for number in numbers {
            if areForeign { relevo_close_foreign(number) } else { close(number) }
        }
    }

    /// How many are left.
    package var count: Int { numbers.count }

    /// The one that came first; nil when none is left.
    package mutating func takeFirst() -> OwnedDescriptor? {
        numbers.isEmpty ? nil : OwnedDescriptor(adopting: numbers.removeFirst())
    }

    /// Adds one at the end.
    package mutating func append(_ descriptor: consuming OwnedDescriptor) {
        numbers.append(descriptor.release())
    }

    /// Adds a duplicate of one at the end.
    package mutating func append(
        duplicateOf holder: borrowing some DescriptorHolder & ~Copyable
    ) throws(KernelError) {
        let number = try holder.withRaw { (number) throws(KernelError) in
            try check("fcntl F_DUPFD_CLOEXEC") { fcntl(number, F_DUPFD_CLOEXEC, 3) }
        }
        numbers.append(number)
    }
}
