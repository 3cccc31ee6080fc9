import ControlProtocol
import Settings
import Systemd

extension OutputEntry {
    /// The line as it is written, without its end.
    func line(as format: LogFormat) -> [UInt8] {
        switch format {
        case .text: text
        case .json: object
        }
    }

    /// One JSON object. Fields may be added; those that say nothing are left out.
    private var object: [UInt8] {
        let fields = entry.fields
        func number(_ field: String) -> Int? { fields[field].flatMap { Int($0) } }
        let worker = number(LogFields.worker)
        let record = Record(
            time: Timestamp.text(time), level: Self.level(entry.priority),
            service: fields[LogFields.service], event: fields[LogFields.event],
            generation: number(LogFields.generation), worker: worker,
            phase: fields[LogFields.phase], program: mark > 0 ? entry.identifier : nil,
            message: String(decoding: entry.message.dropFirst(mark), as: UTF8.self))
        return OrderedJSON.bytes(record, nulls: false)
    }

    private struct Record: Encodable {
        let time: String
        let level: String
        let service: String?
        let event: String?
        let generation: Int?
        let worker: Int?
        let phase: String?
        /// Of a worker's own lines: its program.
        let program: String?
        let message: String
    }

    /// The word for a priority of syslog(3).
    private static func level(_ priority: Int) -> String {
        switch priority {
        case ...2: "critical"
        case 3: "error"
        case 4: "warning"
        case 5: "notice"
        case 6: "info"
        default: "debug"
        }
    }
}
