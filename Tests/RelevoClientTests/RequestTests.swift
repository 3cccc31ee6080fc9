import Kernel
import SystemPackage
import TestKit
import Testing

@testable import RelevoClient

@Suite(.leavesNoDescriptors) struct RequestTests {
    @Test func whatIsStoredGoesWithItsDescriptors() throws {
        var supervisor = try ToySupervisor()
        let worker = try supervisor.worker()
        _ = try supervisor.hear()
        try supervisor.say("OK\nID=2")
        let file = try MemoryFile(named: "state")
        try file.withRaw { try worker.store([$0], as: "state", adding: true) }
        let packet = try present(try supervisor.hearWithDescriptors())
        #expect(
            String(decoding: packet.bytes, as: UTF8.self) == "STORE\nNAME=state\nADD=1\nID=2")
        #expect(packet.descriptors.count == 1)
        try supervisor.say("OK\nID=3")
        try worker.forget("state")
        #expect(try supervisor.hear() == "FORGET\nNAME=state\nID=3")
    }

    @Test(arguments: ["", "a:b", "a\nb", "é", String(repeating: "n", count: 256)])
    func aNameThatCannotBeIsNotSent(_ name: String) throws {
        var supervisor = try ToySupervisor()
        let worker = try supervisor.worker()
        _ = try supervisor.hear()
        #expect(throws: RelevoError(.store, .invalid)) { try worker.store([0], as: name) }
        #expect(throws: RelevoError(.store, .invalid)) { try worker.store([], as: "x") }
        #expect(throws: RelevoError(.store, .invalid)) { try worker.forget(name) }
        #expect(try supervisor.hear() == nil)
    }

    @Test func whatComesMeanwhileIsKeptAndARefusalIsThrown() throws {
        var supervisor = try ToySupervisor()
        let worker = try supervisor.worker()
        try supervisor.say("DRAIN")
        try supervisor.say("OK\nID=1")
        try supervisor.say("ERROR\nID=2\nCODE=full\nREASON=no room")
        #expect(throws: RelevoError(.store, .refused(.full))) {
            try worker.store([0], as: "state")
        }
        #expect(try isRaised(worker))
        guard case .drain(nil) = try worker.nextEvent() else {
            Issue.record("the drain was lost")
            return
        }
        #expect(try !isRaised(worker))
    }

    @Test func anAnswerThatComesTooLateIsDropped() throws {
        var supervisor = try ToySupervisor()
        let worker = try supervisor.worker()
        #expect(throws: RelevoError(.link, .timedOut)) {
            try worker.link(to: .older, within: .milliseconds(1))
        }
        var pair = try UnixConnectionPair(kind: .sequencedPacket)
        let far = pair.takeFirst()
        var list = DescriptorList()
        list.append(pair.takeSecond().intoDescriptor())
        try supervisor.say("LINK\nID=2\nROLE=asked\nGENERATION=1\nWORKER=1", list)
        _ = consume list
        #expect(try worker.nextEvent() == nil)
        #expect(try far.receive(upTo: 1)?.bytes == [])
    }

    @Test func aRequestThatASupervisorHasForgottenIsRepeated() throws {
        var supervisor = try ToySupervisor()
        let worker = try supervisor.worker()
        _ = try supervisor.hear()
        // Longer than the five seconds after which it is said again.
        #expect(throws: RelevoError(.store, .timedOut)) {
            try worker.forget("state", within: .milliseconds(5_200))
        }
        for _ in 0..<2 { #expect(try supervisor.hear() == "FORGET\nNAME=state\nID=2") }
        #expect(try supervisor.hear() == nil)
    }

    @Test func aLinkThatIsAskedForComesWithWhoIsAtItsOtherEnd() throws {
        var supervisor = try ToySupervisor()
        let worker = try supervisor.worker()
        _ = try supervisor.hear()
        var list = DescriptorList()
        var pair = try UnixConnectionPair(kind: .sequencedPacket)
        list.append(pair.takeSecond().intoDescriptor())
        try supervisor.say("LINK\nID=2\nROLE=asked\nGENERATION=1\nWORKER=0", list)
        _ = consume list
        let offer = try worker.link(to: .generation(1), worker: 0, label: "streams")
        #expect(offer.isAsked && offer.generation == 1 && offer.worker == 0)
        #expect(
            try supervisor.hear() == "LINK\nTO=1\nWORKER=0\nLABEL=streams\nID=2")
        try supervisor.say("ERROR\nID=3\nCODE=unknown\nREASON=no older generation lives")
        #expect(throws: RelevoError(.link, .refused(.unknown))) {
            try worker.link(to: .older)
        }
        try worker.askLink(to: .newer)
        #expect(try supervisor.hear() == "LINK\nTO=older\nID=3")
        #expect(try supervisor.hear() == "LINK\nTO=newer")
    }

    @Test func theEndOfTheChannelEndsAnyWaiting() throws {
        var supervisor = try ToySupervisor()
        let worker = try supervisor.worker()
        _ = consume supervisor
        #expect(throws: RelevoError(.link, .ended)) { try worker.link(to: .older) }
        guard case .ended = try worker.nextEvent() else {
            Issue.record("no end")
            return
        }
    }

    @Test func pinsNameTheListenerAndThePeer() throws {
        var supervisor = try ToySupervisor()
        var list = DescriptorList()
        try list.append(duplicateOf: StandardStream.error)
        try supervisor.say(ToySupervisor.welcome + "\nSOCKET=4 3 udp://[::]:4433 front", list)
        let worker = try supervisor.start()
        _ = try supervisor.hear()
        let socket = OwnedDescriptor(
            adopting: try worker.socket("front", orBind: "udp://[::]:4433"))
        let peer = try #require(InternetAddress("[2001:db8::7]:4711"))
        let local = try #require(InternetAddress("[2001:db8::1]:4433"))
        try socket.withRaw {
            try worker.pin(peer, on: $0, local: local)
            try worker.unpin(peer, on: $0)
        }
        #expect(
            try supervisor.hear()
                == "PIN\nLISTENER=4\nPEER=[2001:db8::7]:4711\nLOCAL=[2001:db8::1]:4433")
        #expect(try supervisor.hear() == "UNPIN\nLISTENER=4\nPEER=[2001:db8::7]:4711")
        #expect(throws: RelevoError(.pin, .noSuchListener)) { try worker.pin(peer, on: 0) }
    }

    private static let seal = "IDS=770:0123456789abcdeffedcba9876543210"

    /// A worker with one socket, by the lines that are said of its ids.
    private func worker(told ids: String?) throws -> RelevoWorker {
        var supervisor = try ToySupervisor()
        var list = DescriptorList()
        try list.append(duplicateOf: StandardStream.error)
        let lines = [ToySupervisor.welcome, "SOCKET=0 2 udp://[::]:4433 front", ids]
        try supervisor.say(lines.compactMap { $0 }.joined(separator: "\n"), list)
        return try supervisor.start()
    }

    private func socket(of worker: RelevoWorker) throws -> OwnedDescriptor {
        OwnedDescriptor(adopting: try worker.socket("front", orBind: ""))
    }

    @Test func idsAreOfTheStayOfTheSocket() throws {
        let worker = try worker(told: Self.seal)
        let socket = try socket(of: worker)
        let ids = try socket.withRaw { number in
            try (0..<3).map { _ in try worker.makeID(on: number, configuration: 5).bytes }
        }
        #expect(Set(ids).count == 3)
        for id in ids {
            #expect(id.count == 15 && id[0] == 5 << 5 | 14 && id[9] == 3 && id[10] == 2)
            #expect(RoutableID(reading: id)?.stay == 770)
            #expect(try socket.withRaw { try worker.owns(id, on: $0) })
            for bit in 0..<id.count * 8 {
                var other = id
                other[bit / 8] ^= 1 << (bit % 8)
                #expect(try socket.withRaw { try !worker.owns(other, on: $0) })
            }
        }
        for length in 0...9 {
            let server = (0..<length).map { UInt8(200 + $0) }
            let id = try socket.withRaw { try worker.makeID(on: $0, server: server) }
            #expect(id.server == server && id.bytes.count == min(20, 15 + length))
            #expect(Array(id.bytes.dropFirst().prefix(length)) == server)
            #expect(RoutableID(reading: id.bytes, serverLength: length) == id)
            #expect(try socket.withRaw { try worker.owns(id.bytes, on: $0) })
        }
        #expect(throws: RelevoError(.makeID, .noSuchListener)) { try worker.makeID(on: 0) }
        #expect(throws: RelevoError(.makeID, .invalid)) {
            try socket.withRaw { try worker.makeID(on: $0, configuration: 7) }
        }
        #expect(throws: RelevoError(.makeID, .invalid)) {
            try socket.withRaw {
                try worker.makeID(on: $0, server: [UInt8](repeating: 1, count: 10))
            }
        }
    }

    /// An older supervisor says nothing of ids, steering that heeds none says `-`; what cannot be read is no key.
    @Test(arguments: [
        nil, "IDS=-", "IDS=", "IDS=0:0123456789abcdeffedcba9876543210",
        "IDS=4096:0123456789abcdeffedcba9876543210", "IDS=1:0123456789ABCDEFfedcba9876543210",
        "IDS=1:0123456789abcdeffedcba987654321", "IDS=1:0123456789abcdeffedcba98765432100",
    ])
    func noIdIsMadeUpWhereNobodyHeedsIt(line: String?) throws {
        let worker = try worker(told: line)
        let socket = try socket(of: worker)
        #expect(throws: RelevoError(.makeID, .notSteered)) {
            try socket.withRaw { try worker.makeID(on: $0) }
        }
        #expect(RelevoError(.makeID, .notSteered).code == 95)
    }

    @Test func reasonsAreCutBetweenCharacters() throws {
        #expect(Packet.plain("a\u{7}b".utf8) == Array("a b".utf8))
        let whole = String(repeating: "x", count: 510) + "é"
        #expect(Packet.plain(whole.utf8) == Array(whole.utf8))
        let cut = String(repeating: "x", count: 511) + "éé"
        #expect(Packet.plain(cut.utf8) == Array(String(repeating: "x", count: 511).utf8))
        let long = String(repeating: "x", count: 512) + "é"
        #expect(Packet.plain(long.utf8) == Array(String(repeating: "x", count: 512).utf8))
    }
}
