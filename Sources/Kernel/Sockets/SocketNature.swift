import Glibc
import SystemPackage

/// What a descriptor that was handed over turns out to be.
package enum SocketNature: Sendable {
    case datagram
    case stream
    case other

    /// Finds out; what is no socket at all is `other`.
    package static func of(
        _ holder: borrowing some DescriptorHolder & ~Copyable
    ) throws(KernelError) -> SocketNature {
        try holder.withRaw { (number) throws(KernelError) in
            do throws(KernelError) {
                switch try option("getsockopt SO_TYPE", of: number, SO_TYPE, initial: Int32(0)) {
                case Int32(SOCK_DGRAM.rawValue): return .datagram
                case Int32(SOCK_STREAM.rawValue): return .stream
                default: return .other
                }
            } catch {
                if error.errno == .notSocket { return .other }
                throw error
            }
        }
    }
}
