import Testing

@testable import Kernel

struct StartupCodeTests {
    @Test func thisProgramGoesOnWithoutIt() throws {
        #expect(try releaseStartupCode() > 0)
        #expect(try releaseStartupCode() > 0)
    }

    @Test func aMappingOfCodeIsRead() throws {
        let line = "55d0c8a00000-55d0c8a3f000 r-xp 00001000 fe:01 1234      /usr/bin/a b"
        let mapping = try #require(CodeMapping(parsing: line.utf8))
        #expect(mapping.start == 0x55d0_c8a0_0000)
        #expect(mapping.length == 0x3f000)
        #expect(mapping.file == "/usr/bin/a b")
    }

    @Test(arguments: [
        "", "55d0", "55d0-55d1 r-xp", "55d1-55d0 r-xp 0 fe:01 1 /a", "zz-55d1 r-xp 0 fe:01 1 /a",
        "55d0-55d1 rw-p 0 fe:01 1 /a", "55d0-55d1 rwxp 0 fe:01 1 /a", "55d0-55d1 r-xp 0 00:00 0",
    ])
    func anythingElseIsNone(_ line: String) {
        #expect(CodeMapping(parsing: line.utf8) == nil)
    }
}
