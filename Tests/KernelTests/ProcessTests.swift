import Glibc
import Kernel
import SystemPackage
import TestKit
import Testing

@Suite(.leavesNoDescriptors) struct ProcessTests {
    @Test func aBareNameIsLookedForInPath() throws {
        let folder = try TemporaryFolder()
        try makeFolder(folder.file("x"))
        try makeFolder(folder.file("y"))
        try writeFile(folder.file("x/tool"), [], mode: 0o644)
        try writeFile(folder.file("y/tool"), [], mode: 0o755)
        let path = "/nonesuch:\(folder.file("x")):\(folder.file("y"))"
        #expect(try resolveExecutable("tool", path: path) == folder.file("y/tool"))
        #expect(
            throws: KernelError(
                "execute", .permissionDenied,
                on: "tool (looked for in \(folder.file("x")))")
        ) { try resolveExecutable("tool", path: folder.file("x")) }
        #expect(
            throws: KernelError(
                "execute", .noSuchFileOrDirectory, on: "none (looked for in \(path))")
        ) { try resolveExecutable("none", path: path) }
        #expect(throws: KernelError("execute", .permissionDenied, on: folder.path)) {
            try resolveExecutable(folder.path)
        }
    }

    @Test func processesAreEndedByWhatTheyWereStartedWithWhoeverTheirParentIs() throws {
        let mark = "RELEVO_TEST_MARK=\(ProcessView.own)"
        let shell = try TestProcess(
            [
                "/bin/sh", "-c",
                "\(mark) setsid sleep 1000 & echo $!; \(mark) setsid sleep 1000 & echo $!; "
                    + "setsid sleep 1000 & echo $!",
            ])
        var left: [Int32] = []
        for _ in 0..<3 {
            left.append(try #require(try shell.output.next { _ in true }.flatMap { Int32($0) }))
        }
        #expect(try shell.exit() == .code(0))
        func isMarked(_ pid: Int32) -> Bool {
            ProcessView.environment(of: pid).contains { $0.elementsEqual(mark.utf8) }
        }
        #expect(try eventually { left.prefix(2).allSatisfy(isMarked) })
        let ended = try ProcessHandle(opening: left[1])
        let loop = try EventLoop()
        let spared = left[0]
        let hunt = ProcessHunt(
            with: [Array(mark.utf8)], of: try #require(KnownFolder("/")), in: loop,
            besides: { $0 == spared }, ended: { loop.stop() })
        try loop.run()
        withExtendedLifetime(hunt) {}
        #expect(try ended.wait(for: .readable, within: .seconds(20)))
        for other in [left[0], left[2]] {
            #expect(try ProcessHandle(opening: other).signal(9))
        }
    }

    @Test func usersAndGroupsAreFoundOrNot() throws {
        let root = try #require(try UserAccount(named: "root"))
        #expect(root.uid == 0 && root.home == "/root")
        #expect(try root.identity().groups.contains(root.gid))
        #expect(try root.identity(gid: 7).gid == 7)
        #expect(try UserAccount(uid: 0) == root)
        #expect(try UserAccount(named: "no-such-user") == nil)
        #expect(try groupNumber(named: "root") == 0)
        #expect(try groupNumber(named: "no-such-group") == nil)
    }

    @Test func memoryOfAnotherProcessIsReadWhereItIs() throws {
        let process = try TestProcess(["sleep", "1000"])
        let stack = try #require(
            String(decoding: try readFile("/proc/\(process.pid)/maps"), as: UTF8.self)
                .split(separator: "\n").first { $0.hasSuffix("[stack]") })
        let start = try #require(UInt64(stack.prefix { $0 != "-" }, radix: 16))
        #expect(try readMemory(ofProcess: process.pid, at: start, count: 64).count == 64)
        #expect(try readMemory(ofProcess: process.pid, at: 16, count: 64).isEmpty)
        #expect(throws: KernelError.self) { try readMemory(ofProcess: .max, at: 16, count: 1) }
    }

    @Test func aDescriptorIsTakenFromAnotherProcess() throws {
        let file = try MemoryFile(named: "shared")
        try file.replaceContents(with: [42])
        var descriptors = DescriptorPlan()
        try descriptors.place(file, at: 7)
        let process = try TestProcess(["sleep", "1000"], descriptors: descriptors)
        let handle = try ProcessHandle(opening: process.pid)
        let taken = MemoryFile(adopting: try handle.descriptor(at: 7))
        #expect(try taken.contents() == [42])
    }

    @Test func limitsAreReadAndSet() throws {
        let before = try ResourceLimit.coreSize.read()
        try ResourceLimit.coreSize.set(soft: 0, hard: before.hard)
        #expect(try ResourceLimit.coreSize.read().soft == 0)
        try ResourceLimit.coreSize.set(soft: before.soft, hard: before.hard)
        let line = try #require(
            String(decoding: try readFile("/proc/self/limits"), as: UTF8.self)
                .split(separator: "\n").first { $0.hasPrefix("Max open files") })
        #expect(line.contains(" \(try ResourceLimit.openFiles.read().soft) "))
    }

    @Test func effectiveCapabilitiesAreThoseOfProc() throws {
        let line = try #require(
            String(decoding: try readFile("/proc/thread-self/status"), as: UTF8.self)
                .split(separator: "\n").first { $0.hasPrefix("CapEff:") })
        let bits = try #require(UInt64(line.split(separator: "\t").last ?? "", radix: 16))
        let effective = try Capabilities.effective()
        for capability in [Capabilities.Capability.bpf, .bindLowPorts, .administerSystem] {
            #expect(effective.contains(capability) == (bits >> capability.rawValue & 1 == 1))
        }
    }

    @Test func aPipeIsNoTerminal() throws {
        var pipe = try Pipe()
        let reader = pipe.takeReader()
        let isTerminal = reader.isTerminal()
        #expect(!isTerminal)
        #expect(reader.terminalWidth() == nil)
    }

    @Test func replacingTheProcessFailsWithoutAChange() throws {
        let file = try MemoryFile(named: "kept")
        let number = file.withRaw { $0 }
        #expect(throws: KernelError("execute", .noSuchFileOrDirectory, on: "/nonesuch")) {
            try replaceProcess(
                executable: "/nonesuch", arguments: ["x"], environment: [], keeping: [number])
        }
        let info = String(
            decoding: try readFile("/proc/thread-self/fdinfo/\(number)"), as: UTF8.self)
        #expect(info.contains("flags:\t02"), "not CLOEXEC any more: \(info)")
    }
}
