import Testing

@testable import Supervisor

struct LastWordsTests {
    @Test func theLastLineOfErrorsIsWhyElseTheLastOfAll() {
        var words = LastWords()
        #expect(words.after("it ended") == "it ended")
        words.heard([Array("reading".utf8), Array("opening".utf8)], ofErrors: false)
        #expect(words.after("it ended") == "it ended: opening")
        words.heard([Array("no such file".utf8), Array("  ".utf8)], ofErrors: true)
        words.heard([Array("bye".utf8)], ofErrors: false)
        #expect(words.after("it ended") == "it ended: no such file")
    }

    @Test func aLongOneIsCut() {
        var words = LastWords()
        words.heard([[UInt8](repeating: 0x78, count: 5000)], ofErrors: true)
        #expect(words.after("").utf8.count == 202)
    }
}
