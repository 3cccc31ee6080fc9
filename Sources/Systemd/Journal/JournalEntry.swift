/// One entry for systemd's journal, with facts to search it by besides the text.
package struct JournalEntry: Sendable {
    /// What is cut off beyond would not fit into one datagram.
    private static let longestMessage = 64 << 10

    package let message: [UInt8]
    /// As syslog(3) numbers it: 0 is the worst, 7 is for debugging.
    package let priority: Int
    /// What `journalctl` shows before the process number.
    package let identifier: String
    /// By name; capitals and underscores, as the journal wants them.
    package let fields: [String: String]

    package init(
        _ message: [UInt8], priority: Int, identifier: String, fields: [String: String] = [:]
    ) {
        self.message = message
        self.priority = priority
        self.identifier = identifier
        self.fields = fields
    }

    /// By the journal's native protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL).
    func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        Self.append("PRIORITY", Array("\(priority)".utf8), to: &bytes)
        Self.append("SYSLOG_IDENTIFIER", Array(identifier.utf8), to: &bytes)
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
            Self.append(name, Array(value.utf8), to: &bytes)
        }
        Self.append("MESSAGE", Array(message.prefix(Self.longestMessage)), to: &bytes)
        return bytes
    }

    private static func append(_ name: String, _ value: [UInt8], to bytes: inout [UInt8]) {
        bytes += Array(name.utf8)
        if value.contains(UInt8(ascii: "\n")) {
            bytes.append(UInt8(ascii: "\n"))
            let length = UInt64(value.count)
            bytes += (0..<8).map { UInt8(truncatingIfNeeded: length >> ($0 * 8)) }
        } else {
            bytes.append(UInt8(ascii: "="))
        }
        bytes += value
        bytes.append(UInt8(ascii: "\n"))
    }
}
