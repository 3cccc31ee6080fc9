import ControlProtocol
import TestKit
import Testing

/// What a log shipper reads.
@Suite(.ownNetwork) struct LogFormatTests {
    private struct Line: Decodable {
        let level: String
        let service: String?
        let event: String?
        let generation: Int?
        let worker: Int?
        let program: String?
        let message: String
    }

    @Test func everyLineIsAnObjectAndAHandoverIsToldByItsWords() throws {
        let server = [
            "/bin/sh", "-c",
            "echo \"it's {\"; exec \(try Programs.path("relevo-load")) serve",
        ]
        let service = try Service(
            quick + ["--name", "json", "--log-format", "json"], command: server)
        #expect(try service.line(with: "\"event\":\"flipped\"") != nil)
        #expect(try service.relevo("upgrade", "--wait", "drained").succeeded)
        #expect(try service.relevo("stop", "--drain-timeout", "0").succeeded)
        let end = try service.process.finished()
        let lines = try end.output.map { line in
            try decodeJSON(Line.self, from: Array(line.utf8))
        }
        let second = lines.filter { $0.generation == 2 }.compactMap(\.event)
        #expect(
            ["starting", "workerStarted", "workerReady", "ready", "flipped", "handoverEnded"]
                == second.filter { !["draining", "drained", "ended", "workerExited"].contains($0) },
            "\(second)")
        #expect(lines.allSatisfy { $0.service == "json" || $0.level == "warning" }, "\(end.output)")
        let printed = lines.first { $0.message == "it's {" }
        #expect(printed?.worker == 0 && printed?.program == "sh" && printed?.generation == 2)
    }
}
