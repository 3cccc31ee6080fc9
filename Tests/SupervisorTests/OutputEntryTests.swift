import Settings
import Testing

@testable import Supervisor
@testable import Systemd

/// Lines of output as objects (`LogFormat=json`).
struct OutputEntryTests {
    private func object(_ entry: OutputEntry) -> String {
        let line = String(decoding: entry.line(as: .json), as: UTF8.self)
        #expect(
            line.wholeMatch(of: /\{"time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z",.*\}/) != nil)
        return String(line.drop { $0 != "," })
    }

    @Test func aLineOfOursHasItsFacts() {
        let fields = [
            LogFields.service: "dns", LogFields.generation: "7", LogFields.phase: "flip",
            LogFields.event: "flipped", "MESSAGE_ID": "1",
        ]
        let entry = OutputEntry(
            text: [],
            entry: JournalEntry(
                Array("new flows \"go\"".utf8), priority: 5, identifier: "relevo", fields: fields))
        #expect(
            object(entry)
                == #","level":"notice","service":"dns","event":"flipped","generation":7,"#
                + #""phase":"flip","message":"new flows \"go\""}"#)
    }

    /// Whatever a worker prints is text within one line.
    @Test func aLineOfAWorkerHasItsProgramAndNoMark() {
        let line = Array("<3>bad \u{1}\\ ".utf8) + [0xff]
        let entry = OutputEntry(
            ofWorker: line, mark: "[7.1] ", program: "/usr/bin/dnsd",
            fields: [LogFields.generation: "7", LogFields.worker: "1"])
        #expect(
            object(entry)
                == #","level":"error","generation":7,"worker":1,"program":"dnsd","#
                + #""message":"bad \u0001\\ �"}"#)
        #expect(entry.line(as: .text) == Array("[7.1] ".utf8) + line)
    }
}
