import Kernel
import TestKit
import Testing

/// A file that outlives the machine is there as a whole, or as it was.
@Suite struct StateFileTests {
    private let folder: TemporaryFolder
    private var path: String { folder.file("state") }

    init() throws { folder = try TemporaryFolder() }

    @Test func whatIsReplacedIsRead() throws {
        #expect(try StateFile.read(path, atMost: 10) == nil)
        try StateFile.replace(path, with: [1, 2, 3])
        try StateFile.replace(path, with: [4])
        #expect(try StateFile.read(path, atMost: 10) == [4])
        #expect(try FileStatus(of: path)?.mode == 0o600)
        #expect(try listFolder(folder.path) == ["state"])
    }

    @Test func nothingButAFileOfThatLengthIsRead() throws {
        try writeFile(path, Array(repeating: 7, count: 11))
        #expect(throws: KernelError.self) { try StateFile.read(path, atMost: 10) }
        try removeFile(path)
        try makeLink(at: path, to: "/etc/passwd")
        #expect(throws: KernelError.self) { try StateFile.read(path, atMost: 1 << 20) }
        try removeFile(path)
        let pipe = try Finished.running(["/usr/bin/mkfifo", path])
        #expect(pipe.exit == .code(0))
        #expect(throws: KernelError.self) { try StateFile.read(path, atMost: 10) }
    }

    @Test func whatCannotBeWrittenLeavesWhatWasThere() throws {
        try StateFile.replace(path, with: [1])
        let pipe = try Finished.running(["/usr/bin/mkfifo", path + ".new"])
        #expect(pipe.exit == .code(0))
        #expect(throws: KernelError.self) { try StateFile.replace(path, with: [2]) }
        #expect(try StateFile.read(path, atMost: 10) == [1])
        try StateFile.replace(path, with: [3])
        #expect(try StateFile.read(path, atMost: 10) == [3])
    }
}
