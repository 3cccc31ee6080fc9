import ArgumentParser
import ControlProtocol
import Testing

@testable import relevo

/// The history on a terminal and in a file.
@Suite struct HistoryTextTests {
    private static func handover(_ number: Int) -> HandoverRecord {
        var handover = HandoverRecord(
            number: number, at: "2026-11-28T17:59:03.000Z", kind: "upgrade", from: number - 1,
            to: number, result: .completed, uid: 0, message: "a message that is a little longer",
            command: ["/usr/bin/server", "--port", "53"], workers: 2,
            program: RecordedProgram(
                path: "/usr/bin/server", device: 1, inode: 2, size: 3,
                modified: "2026-11-28T17:00:00.000Z", buildID: "0123456789abcdef0123"),
            settings: ["DrainTimeout=10s"],
            phases: HandoverTimes(start: 0.04, ready: 0.2, flip: 0.00001, drain: 12.5, retire: 0.3),
            timeToFlip: 0.24, kept: 12_345, cutFlows: 12, drops: 7)
        handover.steps = [
            HandoverStep(seconds: 0.04, generation: number, what: "started"),
            HandoverStep(seconds: 12.7, generation: number - 1, what: "drained", text: "deadline"),
            HandoverStep(seconds: 13, generation: 4, what: "later", text: "a\u{1b}[2J"),
        ]
        handover.checks = [HandoverCheck(seconds: 1, name: "new flows reach it", passed: true)]
        handover.output = ["\u{1b}[31mred"]
        return handover
    }

    @Test(arguments: [80, 100, 200])
    func aLineIsNoWiderThanTheTerminal(_ width: Int) {
        let lines = HistoryText.list(
            [Self.handover(2), Self.handover(1_003)], styled: false, width: width)
        #expect(lines.count == 3)
        for line in lines { #expect(line.count <= width, "\(line)") }
        #expect(lines[0].contains("RESULT") && lines[0].contains("CUT"))
    }

    @Test func allColumnsAreThereWhereThereIsRoom() {
        let lines = HistoryText.list([Self.handover(2)], styled: false, width: nil)
        #expect(
            lines[0].split(separator: " ").joined(separator: " ")
                == "# TIME FROM → TO PROGRAM BY RESULT FLIP DRAIN KEPT CUT DROPS MESSAGE")
        for word in ["01234567", "root", "240 ms", "12.5 s", "12345", "longer"] {
            #expect(lines[1].contains(word), "\(lines[1])")
        }
    }

    @Test(arguments: [
        (WatchResult.passed, "passed"), (.promoted, "promoted before it was over"),
        (.deserted, "ended early: the old generation died, and nothing could go back to it"),
        (.failed, "failed, and nothing was left to go back to"),
        (.brokenOff, "broken off by another request"), (WatchResult(rawValue: "new\u{1b}"), "new"),
    ])
    func howAWatchEndedIsSaid(end: WatchResult, words: String) {
        var handover = Self.handover(2)
        handover.watchEnd = end
        let lines = HistoryText.whole(handover, styled: false, width: nil)
        #expect(lines.contains { $0.hasPrefix("  watch     \(words)") }, "\(lines)")
        #expect(!lines.joined().contains("\u{1b}"))
    }

    @Test func oneIsToldWhole() {
        let lines = HistoryText.whole(Self.handover(2), styled: false, width: 80)
        let text = lines.joined(separator: "\n")
        for part in [
            "handover 2: upgrade 1 → 2, completed", "build 0123456789abcdef",
            "/usr/bin/server --port 53 (2 workers)", "DrainTimeout=10s", "drain", "12.5 s",
            "the drain is over, its time has passed", "passed  new flows reach it",
            "last lines of generation 2", "12345 kept, 12 flows cut; 7 datagrams dropped",
        ] {
            #expect(text.contains(part), "\(part) is not in\n\(text)")
        }
        #expect(!text.contains("\u{1b}"))
        for line in lines { #expect(line.count <= 80, "\(line)") }
    }

    @Test func aNumberAloneIsAHandovers() throws {
        let one = try #require(try Relevo.parseAsRoot(["history", "12"]) as? HistoryCommand)
        let (service, number) = HistoryCommand.meant(one.service, one.number)
        #expect(service.name == nil && number == 12)
        let both = try #require(
            try Relevo.parseAsRoot(["history", "dns", "12"]) as? HistoryCommand)
        let named = HistoryCommand.meant(both.service, both.number)
        #expect(named.0.name == "dns" && named.1 == 12)
    }
}
