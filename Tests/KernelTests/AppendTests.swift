import Kernel
import TestKit
import Testing

/// Files that are added to and kept short.
struct AppendTests {
    private func text(_ path: String) throws -> String {
        String(decoding: try readFile(path), as: UTF8.self)
    }

    @Test func aFullFileBecomesTheOlderOne() throws {
        let folder = try TemporaryFolder()
        let (path, older) = (folder.file("log"), folder.file("log.1"))
        for word in ["one\n", "two\n", "three\n", "a very long one\n", "end\n"] {
            try StateFile.append(Array(word.utf8), to: path, atMost: 10, older: older)
        }
        #expect(try text(path) == "end\n")
        #expect(try text(older) == "a very long one\n")
    }

    @Test func aLinkOrAPipeIsNotWrittenTo() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("log")
        try makeLink(at: path, to: folder.file("elsewhere"))
        #expect(throws: KernelError.self) {
            try StateFile.append([1], to: path, atMost: 10, older: folder.file("log.1"))
        }
        #expect(try FileStatus(of: folder.file("elsewhere")) == nil)
    }
}
