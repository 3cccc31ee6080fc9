import Testing

@testable import relevo

/// Lines of the log's file, in which anything may stand.
struct LogLineTests {
    @Test func aLineOfAWorkerIsToldWithItsProgramAndPlace() throws {
        let line =
            #"{"time":"2026-11-29T01:02:03.004Z","level":"info","generation":7,"worker":1,"#
            + #""program":"dnsd","message":"a\u001b[31mb"}"#
        let read = try #require(LogLine(Array(line.utf8)))
        #expect(read.text(styled: false) == "2026-11-29T01:02:03.004Z dnsd[7.1]: a\u{fffd}[31mb")
        #expect(LogLine.Choice(generation: 7, worker: 1).includes(read))
        #expect(LogLine.Choice(generation: nil, worker: 1).includes(read))
        #expect(!LogLine.Choice(generation: 7, worker: 0).includes(read))
        #expect(!LogLine.Choice(generation: 6, worker: nil).includes(read))
    }

    @Test(arguments: ["", "{", "[]", "{\"message\":1}", "\u{0}\u{0}"])
    func whatIsNoLineIsPassedOver(text: String) { #expect(LogLine(Array(text.utf8)) == nil) }

    @Test(arguments: [
        (0, []), (1, ["e"]), (3, ["c", "d", "e"]), (5, ["a", "b", "c", "d", "e"]),
        (9, ["a", "b", "c", "d", "e"]),
    ])
    func theLastLinesAreInTheirOrder(most: Int, kept: [String]) {
        var last = LastLines(most)
        for line in ["a", "b", "c", "d", "e"] { last.add(line) }
        #expect(last.inOrder == kept)
    }
}
