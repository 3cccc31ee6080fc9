import TestSeeds
import Testing

@testable import Settings

struct UnitFileTests {
    private func file(_ texts: String...) -> UnitFile {
        UnitFile(reading: texts.map { Array($0.utf8) })
    }

    @Test func aCommandOverSeveralLinesIsOne() {
        let unit = file(
            """
            # ExecStart=/not/this
            [Service]
            ExecStart=/usr/sbin/a -b \\
            # in between
                -c \\
              $OPTIONS
            Type=notify
            """)
        #expect(unit.values(of: "ExecStart") == ["/usr/sbin/a -b  -c  $OPTIONS"])
        #expect(unit.values(of: "Type") == ["notify"])
    }

    @Test func anEmptyAssignmentOfADropInTakesBackWhatWasSaid() {
        let unit = file(
            "[Service]\nExecStart=/a\nExecReload=/b\n", "[Service]\nExecStart=\nExecStart=/c\n")
        #expect(unit.values(of: "ExecStart") == ["/c"])
        #expect(unit.values(of: "ExecReload") == ["/b"])
    }

    @Test func aKeyCountsInItsSectionAlone() {
        let unit = file("[Unit]\nExecStart=/a\n", "ExecStart=/b\n[Service]\nUser=x\n")
        #expect(unit.values(of: "ExecStart").isEmpty)
        #expect(unit.values(of: "ExecStart", in: "Unit") == ["/a"])
    }

    @Test func whatIsNoAssignmentCountsForNothing() {
        let unit = UnitFile(reading: [
            [0xff, 0x0a], Array("[Service]\nwhat\n=\nExecStart=/a".utf8),
        ])
        #expect(unit.values(of: "ExecStart") == ["/a"])
    }

    @Test(arguments: [
        ("/usr/sbin/a -b", "", ["/usr/sbin/a", "-b"]),
        ("!/usr/sbin/a $X", "!", ["/usr/sbin/a", "$X"]),
        ("-:+/a", "-:+", ["/a"]),
        ("@/a name -b", "@", ["/a", "-b"]),
        ("/a 'x y' \"\" ${Z}", "", ["/a", "x y", "", "${Z}"]),
    ])
    func aCommandHasItsPrefixAndItsWords(text: String, prefix: String, words: [String]) throws {
        let command = try UnitCommand(parsing: text)
        #expect(command.prefix == prefix && command.words == words)
    }

    @Test(arguments: ["", "-", "@/a", "/a ; /b", "/a 'b", "/a \\q"])
    func whatIsNoSingleCommandIsRefused(text: String) {
        #expect(throws: ValueError.self) { try UnitCommand(parsing: text) }
    }

    /// A program with @ loses its other name, and no more.
    @Test func aCommandThatIsWrittenIsReadAsTheSame() throws {
        var random = SeededGenerator(seed: 9)
        let letters = Array("aZ-$%{}'\"\\ \t;:+!@=/\u{e9}")
        for _ in 0..<2000 {
            let words = (0..<Int.random(in: 1...4, using: &random)).map { index in
                (index == 0 ? "/" : "")
                    + String(
                        (0..<Int.random(in: 0...6, using: &random)).map { _ in
                            letters.randomElement(using: &random) ?? "a"
                        })
            }
            guard !words.contains(";") else { continue }
            let command = UnitCommand(prefix: "!", words: words)
            #expect(try UnitCommand(parsing: command.text) == command)
        }
    }
}
