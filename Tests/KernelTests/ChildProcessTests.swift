import Glibc
import Kernel
import SystemPackage
import TestKit
import Testing

@Suite(.leavesNoDescriptors) struct ChildProcessTests {
    @Test func theEndIsToldOnceThroughThePidfd() throws {
        let child = try spawn("exit 7")
        #expect(try child.wait(for: .readable, within: .seconds(20)))
        #expect(try child.takeExit() == .code(7))
        #expect(throws: KernelError.self) { try child.takeExit() }
    }

    @Test func aRunningChildHasNoEndYetAndASignalEndsIt() throws {
        let child = try spawn("exec sleep 1000")
        #expect(try child.takeExit() == nil)
        #expect(try child.signal(SIGTERM))
        #expect(try child.waitForExit() == .signal(SIGTERM, dumpedCore: false))
    }

    @Test func aSignalToAReapedChildReachesNobody() throws {
        let child = try spawn("exit 0")
        #expect(try child.waitForExit() == .code(0))
        #expect(try !child.signal(SIGTERM))
    }

    @Test func aProcessThatIsNoChildIsSignalledByItsHandle() throws {
        let child = try spawn("exec sleep 1000")
        let handle = try ProcessHandle(opening: child.pid)
        #expect(try handle.signal(SIGKILL))
        #expect(try handle.wait(for: .readable, within: .seconds(20)))
        #expect(try child.waitForExit() == .signal(SIGKILL, dumpedCore: false))
        let pid = child.pid
        #expect(throws: KernelError.self) { _ = try ProcessHandle(opening: pid) }
    }

    @Test func theOwnNumberIsInTheEnvironment() throws {
        let process = try TestProcess(
            ["sh", "-c", "echo $LISTEN_PID $$ $A"], environment: ["A=b"], givesOwnPID: true)
        let line = try #require(try process.output.next())
        #expect(line == "\(process.pid) \(process.pid) b")
    }

    @Test func signalsAreAllAtTheirDefaultsAndUnblocked() throws {
        try ignoreSignal(SIGPIPE)
        let blocker = try SignalDescriptor(for: [SIGTERM, SIGCHLD, SIGUSR1])
        let process = try TestProcess(["cat", "/proc/self/status"])
        let lines = try process.output.rest().filter {
            ["SigBlk:", "SigIgn:", "SigCgt:"].contains($0.prefix(7))
        }
        _ = consume blocker
        let zeroes = String(repeating: "0", count: 16)
        #expect(lines == ["SigBlk:\t\(zeroes)", "SigIgn:\t\(zeroes)", "SigCgt:\t\(zeroes)"])
    }

    @Test(.enabled(if: ProcessIdentity.effectiveUser == 0, "needs root"))
    func theChildRunsAsTheUserAndGroupsItIsGiven() throws {
        var plan = shell("id -u; id -g; id -G; umask; grep Uid /proc/self/status")
        plan.identity = ProcessIdentity(uid: 65_534, gid: 65_533, groups: [65_533, 7, 9])
        plan.creationMask = 0o027
        let lines = try output(of: plan)
        #expect(
            lines == ["65534", "65533", "65533 7 9", "0027", "Uid:\t65534\t65534\t65534\t65534"])
    }

    @Test(.enabled(if: ProcessIdentity.effectiveUser == 0, "needs root"))
    func theWorkingFolderIsEnteredAsTheUserItWillBe() throws {
        let folder = try TemporaryFolder()
        var plan = shell("pwd")
        plan.workingFolder = folder.path
        #expect(try output(of: plan) == [folder.path])
        plan.identity = ProcessIdentity(uid: 65_534, gid: 65_534)
        let error = #expect(throws: SpawnError.self) { _ = try ChildProcess.spawn(plan) }
        #expect(
            error
                == SpawnError(
                    step: .workingFolder, errno: .permissionDenied, subject: folder.path))
    }

    @Test func newPrivilegesCanBeForbiddenAndASessionMade() throws {
        var plan = shell("grep NoNewPrivs /proc/self/status; cut -d' ' -f1,5,6 /proc/$$/stat")
        plan.forbidsNewPrivileges = true
        plan.session = .newSession
        let lines = try output(of: plan)
        #expect(lines.first == "NoNewPrivs:\t1")
        let numbers = try #require(lines.last).split(separator: " ")
        #expect(Set(numbers).count == 1)
    }

    @Test func theChildCanBeMadeToEndWithTheThreadThatSpawnedIt() throws {
        var plan = shell("exec sleep 1000")
        plan.deathSignal = SIGUSR1
        final class Started: @unchecked Sendable { var child: ChildProcess? }
        let started = Started()
        try onThread { [plan] in started.child = try ChildProcess.spawn(plan) }
        let child = try present(started.child.take())
        #expect(try child.wait(for: .readable, within: .seconds(20)))
        #expect(try child.takeExit() == .signal(SIGUSR1, dumpedCore: false))
    }

    @Test(.enabled(if: canAdministerSystem, "needs CAP_SYS_ADMIN"))
    func inPlaceOfAPrivateFolderTheChildAloneSeesAnother() throws {
        let folder = try TemporaryFolder()
        let base = try TemporaryFolder()
        let name = SpawnPlan.privateName(of: folder.path)
        try makeFolder(base.file(name), mode: 0o750)
        try writeFile(folder.file("lock"), [1])
        var plan = shell("ls \(folder.path); stat -c %a \(folder.path); touch \(folder.path)/mine")
        plan.privateFolders = [folder.path]
        plan.privateBase = base.path
        #expect(try output(of: plan) == ["750"])
        #expect(try listFolder(folder.path) == ["lock"])
        #expect(try listFolder(base.file(name)) == ["mine"])
        #expect(try output(of: plan) == ["mine", "750"])
        plan.privateFolders = [folder.path, "/nonesuch"]
        let error = #expect(throws: SpawnError.self) { _ = try ChildProcess.spawn(plan) }
        #expect(
            error
                == SpawnError(
                    step: .privateFolder, errno: .noSuchFileOrDirectory, subject: "/nonesuch"))
    }

    @Test func whatCannotBeExecutedIsToldByStepAndReason() throws {
        let folder = try TemporaryFolder()
        try writeFile(folder.file("text"), Array("no program".utf8), mode: 0o755)
        let cases: [(String, Errno)] = [
            ("/nonesuch", .noSuchFileOrDirectory), ("/tmp", .permissionDenied),
            (folder.file("text"), Errno(rawValue: ENOEXEC)),
        ]
        for (path, reason) in cases {
            let plan = SpawnPlan(executable: path, arguments: [path], environment: [])
            let error = #expect(throws: SpawnError.self) { _ = try ChildProcess.spawn(plan) }
            #expect(error == SpawnError(step: .exec, errno: reason, subject: path))
        }
        #expect(
            SpawnError(step: .exec, errno: Errno(rawValue: ENOEXEC), subject: "/x").description
                == "execute /x: Exec format error")
    }

    @Test func aStringThatWouldArriveCutIsRefused() throws {
        let plan = SpawnPlan(executable: "/bin/true", arguments: ["true", "a\0b"], environment: [])
        let error = #expect(throws: SpawnError.self) { _ = try ChildProcess.spawn(plan) }
        #expect(error?.errno == .invalidArgument)
    }

    @Test(.enabled(if: canPlanFaults, "needs a debug build"))
    func aFailureAtAnyCallLeavesNoDescriptorAndNoChild() throws {
        let calls = try sweepFailures(with: .noMemory) {
            var descriptors = DescriptorPlan()
            try descriptors.place(StandardStream.error, at: 5)
            let child = try ChildProcess.spawn(shell("exit 0"), descriptors: descriptors)
            // Not a call that is swept: a child that runs is reaped whatever fails.
            while true { if (try? child.waitForExit()) != nil { break } }
        }
        #expect(calls >= 8)
        #expect(try readFile("/proc/thread-self/children").isEmpty)
    }

    private func shell(_ script: String) -> SpawnPlan {
        SpawnPlan(
            executable: "/bin/sh", arguments: ["sh", "-c", script],
            environment: ["PATH=/usr/bin:/bin"])
    }

    private func spawn(_ script: String) throws -> ChildProcess {
        try ChildProcess.spawn(shell(script))
    }

    private func output(of plan: SpawnPlan) throws -> [String] {
        var pipe = try Pipe()
        let lines = LineReader(pipe.takeReader())
        let child = try spawn(plan, writer: pipe.takeWriter())
        let all = try lines.rest()
        _ = try child.waitForExit()
        return all
    }

    private func spawn(
        _ plan: SpawnPlan, writer: consuming OwnedDescriptor
    ) throws -> ChildProcess {
        var descriptors = DescriptorPlan()
        try descriptors.place(writer, at: 1)
        return try ChildProcess.spawn(plan, descriptors: descriptors)
    }
}

/// Whether the tests that mount or make namespaces can run.
let canAdministerSystem = (try? Capabilities.effective().contains(.administerSystem)) ?? false
