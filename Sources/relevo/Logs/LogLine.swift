import ControlProtocol

/// One line of the log's file, which anybody who may write there may have made.
struct LogLine: Decodable, Equatable {
    let time: String
    let level: String
    var generation: Int?
    var worker: Int?
    /// Of a worker's own lines: its program.
    var program: String?
    let message: String

    /// Which lines are wanted.
    struct Choice {
        var generation: Int?
        var worker: Int?

        func includes(_ line: LogLine) -> Bool {
            (generation == nil || line.generation == generation)
                && (worker == nil || line.worker == worker)
        }
    }

    /// nil for what is no such line, as one that a power cut has torn.
    init?(_ bytes: [UInt8]) {
        guard let line = try? decodeJSON(LogLine.self, from: bytes) else { return nil }
        self = line
    }

    /// For people: the time, whose line it is, and what it says.
    func text(styled: Bool) -> String {
        var text = StatusText.printable(time)
        if let program {
            text += " \(StatusText.printable(program))[\(generation ?? 0).\(worker ?? 0)]: "
        } else {
            text += " relevo: "
        }
        let message = StatusText.printable(message)
        let style: Style? =
            switch level {
            case "critical", "error": .red
            case "warning": .yellow
            default: nil
            }
        return text + (styled ? style?.applied(to: message) ?? message : message)
    }
}
