import Kernel
import TestKit
import Testing

@testable import Systemd

@Suite(.leavesNoDescriptors) struct FDStoreTests {
    @Test func aDescriptorIsKeptUnderItsNameInPlaceOfTheOneBefore() throws {
        let manager = try ToyManager()
        let store = manager.store
        let file = try MemoryFile(named: "kept")
        try store.keep(file, as: "state")
        let heard = try #require(try manager.next())
        #expect(heard.text == "FDSTORE=1\nFDPOLL=0\nFDNAME=relevo.state")
        #expect(try heard.descriptor == file.inode())
        let other = try MemoryFile(named: "kept")
        try store.keep(other, as: "state")
        #expect(try manager.next()?.text == "FDSTOREREMOVE=1\nFDNAME=relevo.state")
        #expect(try manager.next()?.descriptor == other.inode())
        store.forget("state")
        #expect(try manager.next()?.text == "FDSTOREREMOVE=1\nFDNAME=relevo.state")
    }

    @Test func whatTheManagerWouldDropIsNotSentAndToldOnce() throws {
        let manager = try ToyManager()
        let store = FDStore(behind: manager.channel, capacity: 2, holding: ["state"])
        var told = 0
        store.overflowed = { told += 1 }
        for name in ["one", "two", "three"] { try store.keep(MemoryFile(named: "kept"), as: name) }
        #expect(told == 1)
        #expect(store.names == ["state", "one"])
        #expect(try manager.next()?.text.hasSuffix("relevo.one") == true)
        #expect(try manager.next() == nil)
        store.forget("state")
        try store.keep(MemoryFile(named: "kept"), as: "two")
        #expect(store.names == ["one", "two"])
    }

    @Test func whatASlowManagerDoesNotTakeAtOnceComesLaterInOrder() throws {
        let manager = try ToyManager()
        let store = manager.store
        for number in 0..<500 {
            // Its owner has it no more when its turn comes.
            try store.keep(MemoryFile(named: "kept"), as: "slot.\(number)")
        }
        #expect(!manager.channel.isIdle)
        store.forget("last")
        let heard = try manager.all { $0.hasSuffix("relevo.last") }
        #expect(heard.count == 501)
        for (number, message) in heard.prefix(500).enumerated() {
            #expect(message.text.hasSuffix("FDNAME=relevo.slot.\(number)"))
            #expect(message.descriptor != nil)
        }
        #expect(manager.channel.isIdle)
    }

    @Test func ofAStatusThatWaitsOnlyTheNewestIsSaid() throws {
        let manager = try ToyManager()
        let service = ServiceManager(in: manager.loop, socket: manager.path)
        for number in 0..<500 { service.say(status: "number \(number)") }
        service.sayReady()
        let heard = try manager.all { $0 == "READY=1" }
        #expect(heard.count < 400)
        #expect(heard.dropLast().last?.text == "STATUS=number 499")
    }

    @Test func aBarrierIsReachedWhenAllBeforeItHasBeenRead() throws {
        let manager = try ToyManager()
        manager.store.forget("one")
        var reached: Bool?
        manager.channel.barrier(within: .seconds(20)) { reached = $0 }
        #expect(try manager.next() != nil)
        #expect(reached == nil)
        #expect(try manager.next()?.text == "BARRIER=1")
        while reached == nil { try manager.loop.runOnce() }
        #expect(reached == true)
    }

    @Test func aBarrierThatIsNotReachedInTimeIsGivenUp() throws {
        let manager = try ToyManager()
        var reached: Bool?
        manager.channel.barrier(within: .milliseconds(1)) { reached = $0 }
        while reached == nil { try manager.loop.runOnce() }
        #expect(reached == false)
        #expect(!manager.channel.settle(within: .milliseconds(1)))
    }

    @Test func aManagerThatIsAwayIsToldWhenItIsBack() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("notify")
        let loop = try EventLoop()
        let channel = try #require(NotifyChannel(in: loop, socket: path))
        FDStore(behind: channel, capacity: nil, holding: []).forget("early")
        #expect(!channel.isIdle)
        let socket = try NotifySocket(at: UnixAddress(path))
        while !channel.isIdle { try loop.runOnce() }
        #expect(try socket.receive() != nil)
    }

    @Test func aManagerThatStaysAwayIsGivenUpAndNothingIsHeldForIt() throws {
        let folder = try TemporaryFolder()
        let loop = try EventLoop()
        let channel = try #require(NotifyChannel(in: loop, socket: folder.file("notify")))
        let store = FDStore(behind: channel)
        try store.keep(MemoryFile(named: "kept"), as: "one")
        let deadline = MonotonicClock.now() + .seconds(60)
        while !channel.isIdle, MonotonicClock.now() < deadline { try loop.runOnce() }
        #expect(channel.isIdle)
    }
}
