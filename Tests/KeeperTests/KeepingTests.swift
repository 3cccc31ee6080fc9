import Kernel
import TestKit
import Testing

@testable import Keeper

@Suite(.leavesNoDescriptors) struct KeepingTests {
    @Test func whatIsKeptOutlivesItsSupervisor() throws {
        let bed = try KeeperBed()
        var pipe = try Pipe()
        let writer = pipe.takeWriter()
        try bed.supervisor().keep(pipe.takeReader(), as: "something")
        try writer.writeAll(Array("still here".utf8))
        try bed.reconnect()
        let contents = try bed.supervisor().contents()
        #expect(contents.names == ["something"])
        #expect(contents.workers.isEmpty)
        let reader = try present(contents.take("something"))
        #expect(try reader.read(upTo: 100) == Array("still here".utf8))
        let again = isNone(contents.take("something"))
        #expect(again)
    }

    @Test func aNameIsReplacedAndForgotten() throws {
        let bed = try KeeperBed()
        let before = try bed.openDescriptors()
        for text in ["first", "second"] {
            let file = try MemoryFile(named: "test")
            try file.replaceContents(with: Array(text.utf8))
            try bed.supervisor().keep(file, as: "state")
        }
        let contents = try bed.supervisor().contents()
        let state = try present(contents.take("state"))
        #expect(try MemoryFile(adopting: state).contents() == Array("second".utf8))
        #expect(try bed.openDescriptors() == before + 1)
        try bed.supervisor().forget("state")
        #expect(try bed.supervisor().contents().names == [])
        #expect(try bed.openDescriptors() == before)
    }

    @Test func moreIsListedThanOnePacketCarries() throws {
        let bed = try KeeperBed()
        let file = try MemoryFile(named: "test")
        let names = (0..<600).map { String(repeating: "x", count: 150) + "\($0)" }.sorted()
        for name in names { try bed.supervisor().keep(file, as: name) }
        _ = try bed.supervisor().contents()
        try bed.reconnect()
        let contents = try bed.supervisor().contents()
        let isWhole = contents.names == names
        #expect(isWhole)
        let taken = names.count { !isNone(contents.take($0)) }
        #expect(taken == 600)
    }

    @Test func aKeeperWithNothingToKeepEndsWithItsSupervisor() throws {
        let bed = try KeeperBed()
        bed.crash()
        #expect(try bed.hasEnded())
    }

    @Test func aSecondSupervisorIsRefusedAndTheFirstGoesOn() throws {
        let bed = try KeeperBed()
        let rule = StopRule(signal: 15, timeout: .zero)
        #expect(throws: KeeperError.refused("another supervisor is connected")) {
            try KeeperLink.connect(at: bed.path, rule, in: bed.loop)
        }
        let file = try MemoryFile(named: "test")
        try bed.supervisor().keep(file, as: "state")
        #expect(try bed.supervisor().contents().names == ["state"])
    }

    @Test func aSecondKeeperOfTheSameServiceIsRefused() throws {
        let bed = try KeeperBed()
        let program = try Programs.path("relevod")
        #expect(throws: KeeperError.refused("another keeper is there")) {
            try KeeperLink.start(
                executable: program, at: bed.path, StopRule(signal: 15, timeout: .zero),
                in: bed.loop)
        }
        #expect(try bed.supervisor().contents().names == [])
    }

    @Test func aFreshKeeperIsAtHandAtOnceAndGoneWhenAsked() throws {
        let folder = try TemporaryFolder()
        let loop = try EventLoop()
        let link = try KeeperLink.start(
            executable: try Programs.path("relevod"), at: folder.file("keeper"),
            StopRule(signal: 15, timeout: .zero), in: loop)
        let status = try #require(try FileStatus(of: folder.file("keeper")))
        #expect(status.kind == .socket && status.mode == 0o600)
        #expect(try link.contents().names == [])
        let keeper = try ProcessHandle(opening: link.pid)
        link.end()
        #expect(try keeper.wait(for: .readable, within: .zero))
        #expect(try FileStatus(of: folder.file("keeper")) == nil)
    }

    @Test func whatAKeeperIsAskedBeforeItRunsOutlivesWhoAsked() throws {
        let folder = try TemporaryFolder()
        let loop = try EventLoop()
        let rule = StopRule(signal: 15, timeout: .zero)
        var link: KeeperLink? = try KeeperLink.begin(
            executable: try Programs.path("relevod"), at: folder.file("keeper"), rule, in: loop)
        for number in 0..<500 {
            try link?.keep(try MemoryFile(named: "test"), as: "file.\(number)")
        }
        // It is dead before it has heard a word.
        link = nil
        let next = try KeeperLink.connect(at: folder.file("keeper"), rule, in: loop)
        let names = try next.contents().names
        #expect(names.count == 500)
        next.end()
    }

    @Test func aKeeperIsKnownAmongProcesses() throws {
        let bed = try KeeperBed()
        #expect(KeeperLink.isKeeper(bed.process.pid, at: bed.path))
        #expect(!KeeperLink.isKeeper(bed.process.pid, at: bed.path + "2"))
        #expect(!KeeperLink.isKeeper(ProcessView.own, at: bed.path))
        let worker = try bed.spawn("worker.1.0", "exec sleep 1000")
        #expect(!KeeperLink.isKeeper(worker.pid, at: bed.path))
    }

    @Test func aKeeperThatIsNotWaitedForSaysWhetherItIsAtHand() throws {
        let folder = try TemporaryFolder()
        let loop = try EventLoop()
        let rule = StopRule(signal: 15, timeout: .zero)
        func outcome(of program: String) throws -> (KeeperLink, KeeperError?) {
            let link = try KeeperLink.begin(
                executable: program, at: folder.file("keeper"), rule, in: loop)
            var told: KeeperError??
            link.greeted = { told = .some($0) }
            while told == nil { try loop.runOnce() }
            return (link, told ?? nil)
        }
        #expect(try outcome(of: "/bin/false").1 == .lost)
        let (link, error) = try outcome(of: try Programs.path("relevod"))
        #expect(error == nil)
        #expect(try link.contents().names == [])
        link.end()
    }

    @Test func aKeeperThatDoesNotGoWhenAskedIsKilled() throws {
        let bed = try KeeperBed()
        try bed.process.signal(19)
        try bed.supervisor().end()
        #expect(try bed.process.exit() == .signal(9, dumpedCore: false))
    }

    @Test func anotherUserIsNotLetIn() throws {
        guard ProcessIdentity.effectiveUser == 0 else { return }
        let bed = try KeeperBed()
        try changeMode(of: bed.folder.path, to: 0o711)
        // Past the mode, the keeper looks for itself.
        try changeMode(of: bed.path, to: 0o666)
        let file = try MemoryFile(named: "test")
        try bed.supervisor().keep(file, as: "state")
        bed.crash()
        let script =
            "import socket; s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET); "
            + "s.connect('\(bed.path)'); print(s.recv(1000)[6:].decode())"
        let stranger = try TestProcess(
            ["setpriv", "--reuid", "65534", "--clear-groups", "/usr/bin/python3", "-c", script])
        let answer = try stranger.output.next()
        #expect(answer == "user 65534 is neither root nor this keeper's own")
        try bed.reconnect()
    }
}
