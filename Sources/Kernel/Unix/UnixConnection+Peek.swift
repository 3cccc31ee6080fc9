import Glibc

/// A message that waits to be received.
package enum WaitingMessage: Sendable {
    /// Its bytes; of one that is longer than asked for, its beginning.
    case bytes([UInt8])
    /// The other end is gone; an empty message looks the same.
    case end
}

extension UnixConnection {
    /// Looks at the message that is received next, without its descriptors; nil when none waits.
    package borrowing func peek(upTo capacity: Int) throws(KernelError) -> WaitingMessage? {
        try withRaw { (number) throws(KernelError) in
            var bytes = [UInt8](repeating: 0, count: capacity)
            let count = try checkUnlessBlocked("recv") {
                unsafe bytes.withUnsafeMutableBytes {
                    unsafe recv(
                        number, $0.baseAddress, $0.count,
                        Int32(MSG_PEEK) | Int32(MSG_DONTWAIT))
                }
            }
            guard let count else { return nil }
            bytes.removeLast(capacity - count)
            return count == 0 ? .end : .bytes(bytes)
        }
    }
}
