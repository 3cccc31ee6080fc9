package import Logging

/// Log lines to standard error; under systemd with the priority in front (sd-daemon(3)).
package struct StandardErrorLog: LogHandler {
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?
    package var logLevel: Logger.Level
    private let label: String
    private let withPriority: Bool

    /// - Parameter withPriority: systemd reads standard error into its journal.
    package init(label: String, level: Logger.Level, withPriority: Bool) {
        self.label = label
        logLevel = level
        self.withPriority = withPriority
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var line = withPriority ? "<\(Self.priority(event.level))>" : ""
        line += "\(label): "
        if !withPriority, event.level >= .warning { line += "\(event.level): " }
        line += "\(event.message)"
        let facts = metadata.merging(event.metadata ?? [:]) { $1 }
        for (key, value) in facts.sorted(by: { $0.key < $1.key }) { line += " \(key)=\(value)" }
        // A line break in what is logged must not make a second line with a priority of its own.
        OutputSink.standardError.write(line: line.utf8.map { $0 < 0x20 ? UInt8(ascii: " ") : $0 })
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
