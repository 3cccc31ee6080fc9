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
}
