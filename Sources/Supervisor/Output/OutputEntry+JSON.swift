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
    ///
    /// Made by hand: a worker may print many lines a second, and an encoder takes its time.
    private var object: [UInt8] {
        let fields = entry.fields
        var bytes = Array("{\"time\":\"\(Timestamp.text(time))\"".utf8)
        func add(_ name: String, _ text: String) {
            bytes += Array(",\"\(name)\":\"".utf8)
            Self.append(text, to: &bytes)
            bytes.append(UInt8(ascii: "\""))
        }
        func add(_ name: String, number field: String) {
            guard let number = fields[field].flatMap({ Int($0) }) else { return }
            bytes += Array(",\"\(name)\":\(number)".utf8)
        }
        add("level", Self.level(entry.priority))
        if let service = fields[LogFields.service] { add("service", service) }
        if let event = fields[LogFields.event] { add("event", event) }
        add("handover", number: LogFields.handover)
        add("generation", number: LogFields.generation)
        add("worker", number: LogFields.worker)
        if let phase = fields[LogFields.phase] { add("phase", phase) }
        // Of a worker's own lines.
        if mark > 0 { add("program", entry.identifier) }
        add("message", String(decoding: entry.message.dropFirst(mark), as: UTF8.self))
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }

    /// Text as it stands between the quotes of a string (RFC 8259, section 7).
    private static func append(_ text: String, to bytes: inout [UInt8]) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case ..<0x20:
                bytes += Array("\\u00\(byte < 16 ? "0" : "")\(String(byte, radix: 16))".utf8)
            default: bytes.append(byte)
            }
        }
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
