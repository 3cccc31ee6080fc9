import Kernel
import TestKit
import Testing

@testable import Keeper

@Suite(.leavesNoDescriptors) struct WorkerTests {
    @Test func aWorkerOutlivesItsSupervisorAndIsListed() throws {
        let bed = try KeeperBed()
        let worker = try bed.spawn("worker.1.0", "exec sleep 1000")
        try bed.reconnect()
        let found = try #require(try bed.supervisor().contents().workers.first)
        #expect(found.name == "worker.1.0")
        #expect(found.pid == worker.pid)
        let process = try #require(found.process)
        try process.handle.signal(9)
        #expect(try bed.until { !bed.exits.isEmpty })
        #expect(bed.exits == ["worker.1.0": .signal(9, dumpedCore: false)])
    }

    @Test func anEndIsToldToEachSupervisorUntilItIsReleased() throws {
        let bed = try KeeperBed()
        _ = try bed.spawn("worker.1.0", "exit 7")
        #expect(try bed.until { !bed.exits.isEmpty })
        try bed.reconnect()
        let found = try #require(try bed.supervisor().contents().workers.first)
        #expect(found.process == nil)
        #expect(try bed.until { !bed.exits.isEmpty })
        #expect(bed.exits == ["worker.1.0": .code(7)])
        try bed.supervisor().release("worker.1.0")
        // The name is free at once.
        _ = try bed.spawn("worker.1.0", "exec sleep 1000")
        try bed.reconnect()
        #expect(try bed.supervisor().contents().workers.first?.process != nil)
        #expect(bed.exits.isEmpty)
    }

    @Test func anEndWithoutASupervisorIsToldToTheNext() throws {
        let bed = try KeeperBed()
        let worker = try bed.spawn("worker.1.0", "read line; exit 3")
        bed.crash()
        try worker.handle.signal(9)
        #expect(try ends(worker))
        try bed.reconnect()
        #expect(try bed.until { !bed.exits.isEmpty })
        #expect(bed.exits.keys.first == "worker.1.0")
    }

    @Test func aNameIsOneWorkers() throws {
        let bed = try KeeperBed()
        _ = try bed.spawn("worker.1.0", "exec sleep 1000")
        #expect(throws: KeeperError.failed("there is a worker of this name")) {
            try bed.spawn("worker.1.0", "exec sleep 1000")
        }
        // A worker that runs cannot be released.
        try bed.supervisor().release("worker.1.0")
        #expect(try bed.supervisor().contents().workers.count == 1)
    }

    @Test func aWorkerThatCannotStartIsToldInWords() throws {
        let bed = try KeeperBed()
        let plan = SpawnPlan(executable: "/nowhere", arguments: [], environment: [])
        #expect(throws: KeeperError.failed("execute /nowhere: No such file or directory")) {
            try bed.spawn("worker.1.0", plan)
        }
        #expect(try bed.supervisor().contents().workers.isEmpty)
    }

    @Test func aWorkerHasExactlyTheDescriptorsOfItsPlan() throws {
        let bed = try KeeperBed()
        var pipe = try Pipe()
        let writer = pipe.takeWriter()
        let file = try MemoryFile(named: "test")
        var descriptors = DescriptorPlan()
        try descriptors.place(writer, at: 1)
        // More than one packet carries.
        for target in Int32(3)...402 { try descriptors.place(file, at: target) }
        _ = try bed.spawn("worker.1.0", "ls /proc/self/fd | sort -n | tail -n 2", descriptors)
        _ = consume writer
        let reader = LineReader(pipe.takeReader())
        // The last one is the folder that is listed.
        #expect(try reader.rest() == ["402", "403"])
        #expect(try bed.until { !bed.exits.isEmpty })
        #expect(bed.complaints == [])
    }

    @Test func whatAWorkerLeftRunningEndsWithIt() throws {
        let bed = try KeeperBed()
        var pipe = try Pipe()
        let writer = pipe.takeWriter()
        var descriptors = DescriptorPlan()
        try descriptors.place(writer, at: 1)
        _ = try bed.spawn("worker.1.0", "sleep 1000 & echo started; exit 5", descriptors)
        _ = consume writer
        // Ends when nobody has the writer any more.
        #expect(try LineReader(pipe.takeReader()).rest() == ["started"])
        #expect(try bed.until { !bed.exits.isEmpty })
        #expect(bed.exits == ["worker.1.0": .code(5)])
    }

    /// Whatever they did to get away: a session of their own, an environment of their own, a child of a child.
    @Test(arguments: [
        "setsid sleep 1000 &", "env -i setsid sleep 1000 &",
        "setsid sh -c 'setsid sleep 1000 & wait' &", "(setsid sleep 1000 &)",
    ])
    func whoeverLeftItsSessionEndsBeforeItsOwnEndIsTold(_ start: String) throws {
        let bed = try KeeperBed()
        var pipe = try Pipe()
        let writer = pipe.takeWriter()
        var descriptors = DescriptorPlan()
        try descriptors.place(writer, at: 1)
        let worker = try bed.spawn(
            "worker.1.0", marked: 1, "\(start)\necho started; read line", descriptors)
        _ = consume writer
        let reader = pipe.takeReader()
        #expect(try reader.wait(for: .readable, within: .seconds(20)))
        #expect(try reader.read(upTo: 100) == Array("started\n".utf8))
        try worker.handle.signal(9)
        #expect(try bed.until { !bed.exits.isEmpty })
        // The end of the pipe is there and need not be waited for: nobody has the writer any more.
        #expect(try reader.wait(for: .readable, within: .zero))
        #expect(try reader.read(upTo: 100) == [])
    }

    @Test func whatAnotherWorkerHasStartedLivesOn() throws {
        let bed = try KeeperBed()
        let folder = try TemporaryFolder()
        _ = try bed.spawn(
            "worker.1.0", marked: 1,
            "(setsid sh -c 'echo $$ >\(folder.file("pid.part")); mv \(folder.file("pid.part")) "
                + "\(folder.file("pid")); exec sleep 1000' &); exec sleep 1000")
        #expect(try eventually { try FileStatus(of: folder.file("pid")) != nil })
        let text = String(decoding: try readFile(folder.file("pid")), as: UTF8.self)
        let pid = try #require(Int32(text.split(separator: "\n").first.map(String.init) ?? ""))
        let left = try KeptProcess(opening: pid)
        let other = try bed.spawn("worker.1.1", marked: 2, "exec sleep 1000")
        try other.handle.signal(9)
        #expect(try bed.until { bed.exits["worker.1.1"] != nil })
        #expect(try !left.wait(for: .readable, within: .zero))
        // The service's end is theirs.
        try bed.supervisor().end()
        #expect(try ends(left))
    }

    /// To a later supervisor too, which has heard of the process in a list.
    @Test func anEndIsToldWithTheNumberOfItsProcess() throws {
        let bed = try KeeperBed()
        let first = try bed.spawn("worker.1.0", "exec sleep 1000")
        let second = try bed.spawn("worker.1.1", "exec sleep 1000")
        try first.handle.signal(9)
        #expect(try bed.until { bed.exits["worker.1.0"] != nil })
        #expect(bed.ended["worker.1.0"] == first.pid)
        try bed.reconnect()
        _ = try bed.supervisor().contents()
        try second.handle.signal(9)
        #expect(try bed.until { bed.exits.count == 2 })
        #expect(bed.ended == ["worker.1.0": first.pid, "worker.1.1": second.pid])
        try bed.supervisor().release("worker.1.0")
        let third = try bed.spawn("worker.1.0", "exec sleep 1000")
        try third.handle.signal(9)
        #expect(try bed.until { bed.ended["worker.1.0"] == third.pid })
    }

    @Test func orphansAreReapedInSilence() throws {
        let bed = try KeeperBed()
        _ = try bed.spawn("worker.1.0", "(setsid sh -c 'exit 4' &); exec sleep 1000")
        let children = "/proc/\(bed.process.pid)/task/\(bed.process.pid)/children"
        #expect(
            try eventually { try readFile(children).split(separator: UInt8(ascii: " ")).count == 1 }
        )
        #expect(bed.exits.isEmpty)
    }

    @Test func aKeeperThatDiesIsNoticedAndStartsUnderWayFail() throws {
        let bed = try KeeperBed()
        let worker = try bed.spawn("worker.1.0", "exec sleep 1000")
        try bed.process.signal(19)
        var outcome: Result<SpawnedWorker, KeeperError>?
        let plan = SpawnPlan(executable: "/bin/true", arguments: ["true"], environment: [])
        try bed.supervisor().spawn("worker.1.1", plan, DescriptorPlan()) { outcome = $0 }
        try bed.process.signal(9)
        #expect(try bed.until { bed.isLost })
        let failure = #expect(throws: KeeperError.self) { try outcome?.get() }
        #expect(failure == .lost)
        try worker.handle.signal(9)
    }

    @Test func aStartThatWasGivenUpIsEndedAndNobodyIsTold() throws {
        let bed = try KeeperBed()
        var plan = SpawnPlan(
            executable: "/bin/sleep", arguments: ["sleep", "1000"], environment: [])
        plan.session = .newGroup
        let keeper = try ProcessHandle(opening: bed.process.pid)
        try keeper.signal(19)
        var isTold = false
        try bed.supervisor().spawn("worker.1.0", plan, DescriptorPlan()) { _ in isTold = true }
        try bed.supervisor().abandon("worker.1.0")
        #expect(try bed.supervisor().abandoned == ["worker.1.0"])
        try keeper.signal(18)
        // Its name is free again as soon as it is gone.
        #expect(
            try eventually {
                (try? bed.spawn("worker.1.0", "exit 4")) != nil
            })
        #expect(try bed.until { bed.exits["worker.1.0"] == .code(4) })
        #expect(!isTold)
        #expect(try bed.supervisor().abandoned == [])
    }

    @Test(.enabled(if: kernelTellsEndsOfOthers(), "needs Linux 6.15"))
    func theEndOfAProcessThatSomebodyElseReapsIsKnown() throws {
        let shell = try TestProcess(["sh", "-c", "sleep 1000 & echo $!; wait"])
        let number = try #require(try shell.output.next())
        let process = try KeptProcess(opening: try #require(Int32(number)))
        try process.handle.signal(9)
        #expect(try ends(process))
        process.endGroup()
        #expect(try eventually { try process.exit() == .signal(9, dumpedCore: false) })
    }

    @Test func whatAChildOfOursLeftRunningEndsWhenItIsBuried() throws {
        var pipe = try Pipe()
        let writer = pipe.takeWriter()
        var plan = SpawnPlan(
            executable: "/bin/sh", arguments: ["sh", "-c", "sleep 1000 & exit 5"],
            environment: Environment.strings())
        plan.session = .newGroup
        var descriptors = DescriptorPlan()
        try descriptors.place(writer, at: 1)
        let child = try ChildProcess.spawn(plan, descriptors: descriptors)
        _ = consume writer
        let process = try KeptProcess(opening: child.pid)
        #expect(try ends(process))
        process.endGroup()
        #expect(try eventually { try process.exit() == .code(5) })
        #expect(try LineReader(pipe.takeReader()).rest() == [])
    }
}

/// Whether PIDFD_GET_INFO tells how a process ended.
private func kernelTellsEndsOfOthers() -> Bool {
    let release = (try? readFile("/proc/sys/kernel/osrelease")) ?? []
    let numbers = String(decoding: release, as: UTF8.self).split(separator: ".").prefix(2)
        .compactMap { Int($0) }
    return numbers.count == 2 && (numbers[0], numbers[1]) >= (6, 15)
}
