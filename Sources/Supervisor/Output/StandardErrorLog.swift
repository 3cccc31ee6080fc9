package import Logging
import Systemd

/// Log lines to standard error; for systemd's journal with their facts, and where that does not take
/// them with the priority in front (sd-daemon(3)).
package struct StandardErrorLog: LogHandler {
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?
    package var logLevel: Logger.Level
    private let service: String
    private let withPriority: Bool

    /// - Parameter withPriority: systemd reads standard error into its journal.
    package init(service: String, level: Logger.Level, withPriority: Bool) {
        self.service = service
        logLevel = level
        self.withPriority = withPriority
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        let known = metadata.merging(event.metadata ?? [:]) { $1 }
        let facts = known.filter { $0.key.hasPrefix(LogFields.prefix) }
        var message = "\(event.message)"
        for (key, value) in known.sorted(by: { $0.key < $1.key }) where facts[key] == nil {
            message += " \(key)=\(value)"
        }
        let priority = Self.priority(event.level)
        var line = withPriority ? "<\(priority)>relevo[\(service)]: " : "relevo[\(service)]: "
        if !withPriority, event.level >= .warning { line += "\(event.level): " }
        var fields = facts.mapValues { "\($0)" }
        fields[LogFields.service] = service
        fields["MESSAGE_ID"] = fields[LogFields.event].flatMap { MessageKind(rawValue: $0)?.id }
        OutputSink.standardError.write(
            OutputEntry(
                text: Self.oneLine(line + message),
                entry: JournalEntry(
                    Self.oneLine(message), priority: priority, identifier: "relevo",
                    fields: fields)))
    }

    /// A line break in what is logged must not make a second line with a priority of its own.
    private static func oneLine(_ text: String) -> [UInt8] {
        text.utf8.map { $0 < 0x20 ? UInt8(ascii: " ") : $0 }
    }

    private static func priority(_ level: Logger.Level) -> Int {
        switch level {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }
}
