import HandoverCore
import Kernel
import ServiceCore
import Testing

@testable import Supervisor

struct ReplacedLibrariesTests {
    private func first(_ lines: String...) -> String? {
        ReplacedLibraries.first(in: Array(lines.joined(separator: "\n").utf8))
    }

    @Test func aLibraryThatIsRunFromAndGoneIsFound() {
        #expect(
            first(
                "7f10-7f11 r--p 00000000 fe:01 12   /usr/lib/libz.so.1 (deleted)",
                "7f11-7f12 r-xp 00001000 fe:01 12   /usr/lib/libz.so.1",
                "7f12-7f13 r-xp 00001000 fe:01 13   /usr/lib/a b/libssl.so.3 (deleted)")
                == "/usr/lib/a b/libssl.so.3")
    }

    @Test func whatIsNoLibraryOrIsThereIsNot() {
        #expect(
            first(
                "7f10-7f11 r-xp 00000000 fe:01 12   /usr/sbin/server (deleted)",
                "7f11-7f12 rw-s 00000000 00:01 12   /dev/shm/x.so (deleted)",
                "7f12-7f13 r-xp 00000000 00:01 12   /memfd:jit (deleted)",
                "7f13-7f14 r-xp 00001000 fe:01 12   /usr/lib/libz.so.1", "", "x (deleted)",
                "7f14-7f15 r-xp 00000000 00:00 0    [vdso]") == nil)
    }

    @Test func librariesAndTheInterpreterAreToldOnceEachAndNoMoreThanAskedFor() {
        let maps = [
            "7f10-7f11 r-xp 00000000 fe:01 12   /usr/bin/python3.13 (deleted)",
            "7f11-7f12 r-xp 00001000 fe:01 12   /usr/lib/libz.so.1",
            "7f12-7f13 r-xp 00003000 fe:01 12   /usr/lib/libz.so.1",
            "7f13-7f14 r-xp 00001000 fe:01 13   /usr/lib/libssl.so.3 (deleted)",
        ].joined(separator: "\n")
        func paths(_ other: String?, _ limit: Int) -> [String] {
            ReplacedLibraries.files(in: Array(maps.utf8), besides: other, atMost: limit)
                .map { "\($0.path)\($0.isGone ? "!" : "")" }
        }
        #expect(
            paths("/usr/bin/python3.13", 9)
                == ["/usr/bin/python3.13!", "/usr/lib/libz.so.1", "/usr/lib/libssl.so.3!"])
        #expect(paths(nil, 1) == ["/usr/lib/libz.so.1"])
    }

    @Test func whatWasReplacedOverwrittenOrRemovedSinceIsTold() {
        func facts(_ inode: UInt64, modified: UInt64 = 1) -> FileFacts {
            FileFacts(device: 1, inode: inode, size: 1, modified: modified)
        }
        let look = LoadedFiles.Look(
            pid: 1,
            facts: ["/a.so": facts(1), "/b.so": facts(2), "/c.so": facts(3), "/d": facts(4)],
            gone: ["/e.so"])
        let now = ["/a.so": facts(1), "/b.so": facts(9), "/c.so": facts(3, modified: 2)]
        #expect(look.replaced { now[$0] } == ["/b.so", "/c.so", "/d", "/e.so"])
        #expect(look.replaced { look.facts[$0] } == ["/e.so"])
    }

    @Test func whoCannotBeLookedIntoIsNotSpokenOf() {
        let nobody = LoadedFiles.Candidate(program: GenerationID(1), pid: .max, isScript: true)
        #expect(LoadedFiles.look(at: nobody) == nil)
    }

    @Test func thisProcessHasLoadedLibrariesThatAreThere() throws {
        let own = LoadedFiles.Candidate(
            program: GenerationID(1), pid: ProcessIdentity.processID, isScript: false)
        let look = try #require(LoadedFiles.look(at: own))
        #expect(look.facts.keys.contains { $0.contains("/libc.so.") })
        #expect(look.replaced { HeldPrograms.facts($0) } == [])
    }
}
