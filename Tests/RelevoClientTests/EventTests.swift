import Kernel
import Synchronization
import SystemPackage
import TestKit
import Testing

@testable import RelevoClient

@Suite(.leavesNoDescriptors) struct EventTests {
    @Test func whatTheSupervisorSaysComesOneByOne() throws {
        var supervisor = try ToySupervisor()
        let worker = try supervisor.worker()
        #expect(try !isRaised(worker))
        try supervisor.say("STOP\nLEFT=10000")
        #expect(try isRaised(worker))
        guard case .stop(let left) = try worker.nextEvent() else {
            Issue.record("no stop")
            return
        }
        #expect(left > .seconds(9) && left <= .seconds(10))
        #expect(try worker.nextEvent() == nil)
        #expect(try !isRaised(worker))
    }

    @Test func ofDrainsOnlyTheLastCounts() throws {
        var supervisor = try ToySupervisor()
        let worker = try supervisor.worker()
        let boot = relevoBootTime()
        try supervisor.say("DRAIN\nDEADLINE=\(boot + 1_000)\nLEFT=1000")
        try supervisor.say("RESUME")
        // The packet has lain for a while: of LEFT= only what DEADLINE= says is left.
        try supervisor.say("DRAIN\nDEADLINE=\(boot + 60_000)\nLEFT=3600000")
        guard case .drain(let left?) = try worker.nextEvent() else {
            Issue.record("no drain with a deadline")
            return
        }
        #expect(left > .seconds(30) && left <= .seconds(60))
        #expect(try worker.nextEvent() == nil)
        // Another time namespace: there the deadline means nothing.
        try supervisor.say("DRAIN\nDEADLINE=\(boot + 100_000_000)\nLEFT=5000")
        guard case .drain(let other?) = try worker.nextEvent() else {
            Issue.record("no drain with a deadline")
            return
        }
        #expect(other > .seconds(4) && other <= .seconds(5))
        try supervisor.say("DRAIN")
        guard case .drain(nil) = try worker.nextEvent() else {
            Issue.record("no drain without an end")
            return
        }
    }

    @Test func aLinkIsHandedOverAndClosedWhenNobodyTakesIt() throws {
        var supervisor = try ToySupervisor()
        let worker = try supervisor.worker()
        var pair = try UnixConnectionPair(kind: .sequencedPacket)
        let far = pair.takeFirst()
        var list = DescriptorList()
        list.append(pair.takeSecond().intoDescriptor())
        try supervisor.say("LINK\nROLE=offered\nGENERATION=3\nWORKER=1\nLABEL=streams", list)
        _ = consume list
        guard case .link(let offer) = try worker.nextEvent() else {
            Issue.record("no link")
            return
        }
        #expect(offer.generation == 3 && offer.worker == 1 && offer.label == "streams")
        #expect(!offer.isAsked)
        var link: Link? = try offer.take()
        #expect(throws: RelevoError(.link, .invalid)) { _ = try offer.take() }
        #expect(try far.receive(upTo: 1) == nil)
        link = nil
        _ = link
        #expect(try far.receive(upTo: 1)?.bytes == [])
    }

    @Test(arguments: [
        "WHATEVER", "LINK\nROLE=asked\nGENERATION=1", "DRAIN\nNOEQUALS", "", "\n", "OK\nID=99",
        "DRAIN\nID=77", "STOP", String(repeating: "A", count: 5000),
    ])
    func whatIsNotUnderstoodIsLetPassAndItsDescriptorsAreClosed(_ packet: String) throws {
        var supervisor = try ToySupervisor()
        let worker = try supervisor.worker()
        var list = DescriptorList()
        for _ in 0..<40 { try list.append(duplicateOf: StandardStream.error) }
        try supervisor.say(packet, list)
        _ = consume list
        try supervisor.say("RESUME")
        guard case .resume = try worker.nextEvent() else {
            Issue.record("something else than what came after it")
            return
        }
        #expect(try worker.nextEvent() == nil)
    }

    @Test func theEndOfTheChannelIsToldOnceAndWakesOnce() throws {
        var supervisor = try ToySupervisor()
        let worker = try supervisor.worker()
        _ = consume supervisor
        #expect(try isRaised(worker))
        guard case .ended = try worker.nextEvent() else {
            Issue.record("no end")
            return
        }
        #expect(try worker.nextEvent() == nil)
        #expect(try !isRaised(worker))
        #expect(!worker.isSupervised)
        try worker.ready()
        try worker.sessions(1)
        try worker.store([0], as: "x")
    }

    @Test func whatFindsNoRoomIsSaidLaterAndOnlyTheNewest() throws {
        var supervisor = try ToySupervisor()
        let worker = try supervisor.worker()
        _ = try supervisor.hear()
        var told = 0
        while try !worker.core.withLock({ core in
            try core.sessions(UInt64(told))
            return core.owed.sessions != nil
        }) { told += 1 }
        #expect(told > 0)
        try worker.ready()
        try worker.sessions(1_000_000)
        for count in 0..<told { #expect(try supervisor.hear() == "SESSIONS\nCOUNT=\(count)") }
        #expect(try supervisor.hear() == nil)
        // There is room again: the program is woken, and what is owed goes out.
        #expect(try isRaised(worker))
        #expect(try worker.nextEvent() == nil)
        #expect(try supervisor.hear() == "READY")
        #expect(try supervisor.hear() == "SESSIONS\nCOUNT=1000000")
        #expect(try supervisor.hear() == nil)
        #expect(try !isRaised(worker))
    }

    @Test func aRefusalOfWhatWasNotWaitedForIsAnEvent() throws {
        var supervisor = try ToySupervisor()
        let worker = try supervisor.worker()
        try supervisor.say("ERROR\nCODE=full\nREASON=the table has no room")
        guard case .refused(.full, "the table has no room") = try worker.nextEvent() else {
            Issue.record("no refusal")
            return
        }
    }

    private func relevoBootTime() -> Int {
        let uptime = (try? readFile("/proc/uptime")) ?? []
        let seconds = String(decoding: uptime, as: UTF8.self).split(separator: ".").first
        return (seconds.flatMap { Int($0) } ?? 0) * 1_000
    }
}
