import CKernel
import Glibc
import SystemPackage

/// The address of a local socket: a path, or a name in the abstract namespace written `@name`.
package struct UnixAddress: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    /// At most 107 bytes (unix(7)); longer ones are refused when they are used.
    package init(_ text: String) { description = text }

    /// Whether it is a name that no file stands for.
    package var isAbstract: Bool { description.hasPrefix("@") }

    func raw(for call: String) throws(KernelError) -> RawSocketAddress {
        var bytes = Array(description.utf8)
        guard !bytes.isEmpty, !bytes.contains(0) else {
            throw KernelError(call, .invalidArgument, on: description)
        }
        if isAbstract { bytes[0] = 0 }
        guard let address = RawSocketAddress(unix: bytes) else {
            throw KernelError(call, .fileNameTooLong, on: description)
        }
        return address
    }
}

extension RawSocketAddress {
    /// A local address of these bytes, a leading zero for an abstract one; nil when too long.
    init?(unix bytes: [UInt8]) {
        let start = MemoryLayout<sa_family_t>.size
        var unix = sockaddr_un()
        guard bytes.count < MemoryLayout.size(ofValue: unix.sun_path) else { return nil }
        unix.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &unix) { room in
            for (index, byte) in bytes.enumerated() { unsafe room[start + index] = byte }
        }
        // A path counts its NUL, an abstract name is as long as the length says.
        let length = start + bytes.count + (bytes.first == 0 ? 0 : 1)
        self.init(unix, length: length)
    }
}
