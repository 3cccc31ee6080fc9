import Kernel
import SystemPackage
import TestKit
import Testing

@Suite(.leavesNoDescriptors) struct FileTests {
    @Test func aFileIsReadAsItWasWritten() throws {
        let folder = try TemporaryFolder()
        let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0) }
        try writeFile(folder.file("a"), bytes, mode: 0o640)
        #expect(try readFile(folder.file("a")) == bytes)
        let status = try #require(try FileStatus(of: folder.file("a")))
        #expect(status.kind == .regular && status.mode == 0o640 && status.size == 100_000)
        try renameFile(folder.file("a"), to: folder.file("b"))
        #expect(try FileStatus(of: folder.file("a")) == nil)
        #expect(try removeFile(folder.file("b")))
        #expect(try !removeFile(folder.file("b")))
        #expect(throws: KernelError("open", .noSuchFileOrDirectory, on: folder.file("b"))) {
            try readFile(folder.file("b"))
        }
    }

    @Test func aFolderOfThousandsIsListedWhole() throws {
        let folder = try TemporaryFolder()
        let names = Set((0..<3000).map { "a-rather-long-name-\($0)" })
        for name in names { try writeFile(folder.file(name), []) }
        #expect(Set(try listFolder(folder.path)) == names)
    }

    @Test func foldersAreMadeWithThoseAboveThem() throws {
        let folder = try TemporaryFolder()
        try makeFolders(folder.file("a/b/c"), mode: 0o700)
        try makeFolders(folder.file("a/b/c"), mode: 0o700)
        #expect(try FileStatus(of: folder.file("a/b/c"))?.mode == 0o700)
        #expect(try FileStatus(of: folder.file("a"))?.kind == .folder)
    }

    @Test func aMemoryFileHoldsWhatWasPutInLast() throws {
        let file = try MemoryFile(named: "state")
        #expect(try file.contents() == [])
        try file.replaceContents(with: [UInt8](repeating: 1, count: 50_000))
        try file.replaceContents(with: [2, 3])
        #expect(try file.contents() == [2, 3])
        #expect(try file.contents() == [2, 3])
    }

    @Test func aNonBlockingReaderTellsNothingFromTheEnd() throws {
        var pipe = try Pipe(nonBlockingReader: true)
        let reader = pipe.takeReader()
        do {
            let writer = pipe.takeWriter()
            #expect(try reader.read(upTo: 10) == nil)
            #expect(try writer.write([1, 2]) == 2)
            #expect(try reader.read(upTo: 10) == [1, 2])
            _ = consume writer
        }
        #expect(try reader.read(upTo: 10) == [])
    }

    @Test(.enabled(if: canPlanFaults, "needs a debug build"))
    func aFailureAtAnyCallLeavesNothingOpen() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("a")
        let calls = try sweepFailures(with: .ioError) {
            try writeFile(path, [1])
            _ = try readFile(path)
            _ = try listFolder("/proc/self/task")
            let file = try MemoryFile(named: "state")
            try file.replaceContents(with: [1])
            _ = try Pipe(nonBlockingReader: true)
        }
        #expect(calls >= 12)
    }

    @Test func aFolderIsLockedByOneAtATime() throws {
        let folder = try makeTemporaryFolder()
        defer { try? removeFolder(folder) }
        func isFree() throws -> Bool {
            do throws(KernelError) {
                _ = try FolderLock(on: folder)
                return true
            } catch {
                guard error.isTaken else { throw error }
                return false
            }
        }
        let lock = try FolderLock(on: folder)
        #expect(try !isFree())
        _ = consume lock
        #expect(try isFree())
    }

    @Test func aTreeIsRemovedAndWhatItsLinksLeadToStays() throws {
        let folder = try makeTemporaryFolder()
        defer { try? removeTree(folder) }
        let (tree, outside) = ("\(folder)/tree", "\(folder)/outside")
        try makeFolder(outside)
        try writeFile("\(outside)/kept", [1])
        try makeFolders("\(tree)/a/b")
        try writeFile("\(tree)/a/b/file", [1])
        let links = try Finished.running(["ln", "-s", outside, "\(tree)/a/link"])
        #expect(links.exit == .code(0))
        try removeTree(tree)
        #expect(try listFolder(folder) == ["outside"])
        #expect(try listFolder(outside) == ["kept"])
        try removeTree(tree)
        _ = try Finished.running(["ln", "-s", outside, tree])
        #expect(throws: KernelError.self) { try removeTree(tree) }
        #expect(try listFolder(outside) == ["kept"])
        _ = try removeFile(tree)
    }

    @Test func aTreeIsRemovedHoweverDeepItIsAndWhateverItsNames() throws {
        let folder = try makeTemporaryFolder()
        try makeFolders(folder + String(repeating: "/d", count: 300))
        let name = KeptText.text([0x63, 0xe9])
        let deep = folder + String(repeating: "/d", count: 200)
        try makeFolder("\(deep)/\(name)")
        #expect(try listFolder(deep).contains(name))
        try removeTree(folder)
        #expect(try FileStatus(of: folder) == nil)
    }
}
