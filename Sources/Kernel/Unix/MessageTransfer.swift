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
