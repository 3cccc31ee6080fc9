/// The form of a socket's link in `/proc/PID/fd`.
package enum SocketLink {
    /// The inode in `socket:[123]`; nil for what is no socket.
    package static func inode(_ link: String) -> UInt64? {
        guard link.hasPrefix("socket:["), link.hasSuffix("]") else { return nil }
        return UInt64(link.dropFirst("socket:[".count).dropLast())
    }
}
