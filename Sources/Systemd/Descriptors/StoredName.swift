/// How our descriptors are named in systemd's fd store, apart from a socket unit's.
package enum StoredName {
    /// What the names of all of them begin with.
    package static let prefix = "relevo."

    /// As the fd store knows it: systemd takes 255 printable characters without a colon.
    static func full(_ name: String) -> String {
        let full = prefix + name
        precondition(
            full.utf8.count <= 255
                && full.utf8.allSatisfy { 0x20..<0x7F ~= $0 && $0 != UInt8(ascii: ":") },
            "\(full) is no name for a stored descriptor")
        return full
    }
}
