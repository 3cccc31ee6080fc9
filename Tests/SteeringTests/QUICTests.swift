import Kernel
import Steering
import TestKit
import Testing

/// What a client does that the 4-tuple cannot tell, over a flip from slot 0 to slot 1.
@Suite(.enabled(if: Privilege.hasBPF, "needs CAP_BPF"), .leavesNoDescriptors)
struct QUICTests {
    @Test(arguments: [4, 8, 18, 20])
    func aSessionStaysWhenItsClientsAddressChanges(length: Int) throws {
        let group = try SteeredGroup.quic()
        let old = QUICSession(length: length)
        #expect(try group.open(old, from: 1) == 0)
        try group.steering.steerNewFlows(to: [1])
        let new = QUICSession(length: length)
        #expect(try group.open(new, from: 2) == 1)
        for client in 3..<20 {
            #expect(try group.slot(of: old.data, from: client * 2) == 0)
            #expect(try group.slot(of: new.data, from: client * 2 + 1) == 1)
        }
        #expect(group.steering.counters().rules?.learned == 2)
    }

    @Test func anIdIsLearnedWithItsFirstDatagram() throws {
        let group = try SteeredGroup.quic()
        var session = QUICSession()
        #expect(try group.open(session, from: 1) == 0)
        session.rotate()
        #expect(try group.slot(of: session.data, from: 1) == 0)
        try group.steering.steerNewFlows(to: [1])
        #expect(try group.slot(of: session.data, from: 2) == 0)
        // At an address that is its own now.
        session.rotate()
        #expect(try group.slot(of: session.data, from: 2) == 0)
    }

    @Test func anAddressIsLearnedWithTheFirstDatagramFromAnotherPort() throws {
        let group = try SteeredGroup.quic()
        var session = QUICSession()
        #expect(try group.open(session, from: 1) == 0)
        #expect(try group.open(QUICSession(), from: 1, port: 1) == 0)
        // Not before the id is confirmed.
        let confirmed = try eventually {
            _ = try group.slot(of: session.data, from: 1)
            return group.steering.countFlows()[0]?.confirmed ?? 0 >= 1
        }
        #expect(confirmed)
        _ = try group.slot(of: session.data, from: 1)
        try group.steering.steerNewFlows(to: [1])
        // No hint tells it.
        #expect(try group.open(QUICSession(), from: 1, port: 2) == 1)
        // One port in 256 looks like the one before.
        let port = try #require(
            try (3..<20).first { try group.clientMark(port: $0) != group.clientMark(port: 0) })
        #expect(try group.slot(of: session.data, from: 1, port: port) == 0)
        #expect(group.steering.counters().rules?.rebound == 1)
        session.rotate()
        #expect(try group.slot(of: session.data, from: 1, port: port) == 0)
        #expect(group.steering.counters().rules?.hinted == 0)
    }

    @Test func anAddressThatOthersHadIsTheSessionsThatCameToItLast() throws {
        let group = try SteeredGroup.quic()
        var session = QUICSession()
        #expect(try group.open(session, from: 1) == 0)
        // Its id is confirmed a little later than its address.
        let start = MonotonicClock.now()
        let confirmed = try eventually {
            _ = try group.slot(of: session.data, from: 1)
            return group.steering.countFlows()[0]?.confirmed ?? 0 >= 1
                && MonotonicClock.now() - start > .milliseconds(100)
        }
        #expect(confirmed)
        try group.steering.steerNewFlows(to: [1])
        let port = try #require(
            try (3..<20).first { try group.clientMark(port: $0) != group.clientMark(port: 0) })
        #expect(try group.open(QUICSession(), from: 1, port: port) == 1)
        #expect(try group.slot(of: session.data, from: 1, port: port) == 0)
        session.rotate()
        #expect(try group.slot(of: session.data, from: 1, port: port) == 0)
        // The one that was there may be there still.
        #expect(group.steering.countFlows()[1]?.live == 1)
    }

    @Test func manyConnectionsOnOnePortGoToTheirOwnGenerations() throws {
        let group = try SteeredGroup.quic()
        let old = (0..<20).map { _ in QUICSession() }
        for session in old { #expect(try group.open(session, from: 1) == 0) }
        try group.steering.steerNewFlows(to: [1])
        let new = (0..<20).map { _ in QUICSession() }
        for session in new { #expect(try group.open(session, from: 1) == 1) }
        for session in old { #expect(try group.slot(of: session.data, from: 1) == 0) }
        for session in new { #expect(try group.slot(of: session.data, from: 1) == 1) }
        #expect((group.steering.counters().rules?.moved ?? 0) == 1)
        // The address leads to the new one; the old one has sessions all the same, of which each counts
        // as soon as its own entry is written again.
        #expect((1...21).contains(group.steering.countFlows()[0]?.live ?? 0))
        let counted = try eventually {
            for session in old { _ = try group.slot(of: session.data, from: 1) }
            return (group.steering.countFlows()[0]?.live ?? 0) >= 20
        }
        #expect(counted)
    }

    @Test func aRollbackTakesNewSessionsBackAndLeavesTheOthers() throws {
        let group = try SteeredGroup.quic()
        let old = QUICSession()
        #expect(try group.open(old, from: 1) == 0)
        try group.steering.steerNewFlows(to: [1])
        let new = QUICSession()
        #expect(try group.open(new, from: 1) == 1)
        try group.steering.steerNewFlows(to: [0])
        // From the address that leads to the other one, which drains now.
        let last = QUICSession()
        #expect(try group.open(last, from: 1) == 0)
        for session in [old, last] { #expect(try group.slot(of: session.data, from: 2) == 0) }
        #expect(try group.slot(of: new.data, from: 3) == 1)
    }

    @Test func sessionsAreFoundWhileTheirTableGrowsAndAfterIt() throws {
        let group = try SteeredGroup.quic(
            SteeringSetup(
                mode: .quic, transport: .udp, maxFlows: 50_000, idleTimeout: .seconds(120)))
        // Four entries each: more than the smallest table has.
        let sessions = (0..<10_000).map { _ in QUICSession() }
        let dense = group.steering.tableBytesInUse
        for (at, session) in sessions.enumerated() {
            for datagram in [session.initial, session.handshake] {
                try group.send(datagram, from: at)
            }
            if at % 128 == 0 { _ = try group.members[0]?.socket.discardQueue() }
        }
        _ = try group.members[0]?.socket.discardQueue()
        #expect(group.steering.tableBytesInUse > dense)
        try group.steering.steerNewFlows(to: [1])
        let settled = try eventually {
            group.steering.sweep()
            let at = Int.random(in: sessions.indices)
            let slot = try group.slot(of: sessions[at].data, from: 20_000 + at)
            if slot != 0 { throw TestFailure("session \(at) went to \(slot ?? -1)") }
            return group.steering.isSettled
        }
        #expect(settled)
        for at in stride(from: 0, to: sessions.count, by: 20) {
            #expect(try group.slot(of: sessions[at].data, from: 40_000 + at) == 0)
        }
        #expect(group.steering.counters().rules?.unknown == 0)
        #expect(group.steering.counters().evicted == 0)
    }

    @Test func aHandshakeThatIsUnderWayStaysOverAFlip() throws {
        let group = try SteeredGroup.quic()
        let session = QUICSession()
        #expect(try group.slot(of: session.initial, from: 1) == 0)
        try group.steering.steerNewFlows(to: [1])
        #expect(try group.slot(of: session.initial, from: 1) == 0)
        #expect(try group.slot(of: session.handshake, from: 1) == 0)
        #expect(try group.slot(of: session.data, from: 2) == 0)
    }

    @Test func aPortThatIsUsedAgainWithoutAnIdOfItsOwnIsANewSession() throws {
        let group = try SteeredGroup.quic()
        let (old, new) = (QUICSession(own: 0), QUICSession(own: 8))
        #expect(try group.open(old, from: 1) == 0)
        try group.steering.steerNewFlows(to: [1])
        #expect(try group.open(new, from: 1) == 1)
        #expect(try group.slot(of: old.data, from: 1) == 0)
    }

    @Test func anIdNeverSeenGoesWhereTheClientsAddressHadASessionLast() throws {
        let group = try SteeredGroup.quic()
        var (old, new) = (QUICSession(), QUICSession())
        #expect(try group.open(old, from: 1) == 0)
        try group.steering.steerNewFlows(to: [1])
        #expect(try group.open(new, from: 2) == 1)
        old.rotate()
        new.rotate()
        #expect(try group.slot(of: old.data, from: 1, port: 1) == 0)
        #expect(try group.slot(of: new.data, from: 2, port: 1) == 1)
        #expect(group.steering.counters().rules?.hinted == 2)
    }

    @Test func anIdNeverSeenIsAGuessForTheGenerationWithMoreSessions() throws {
        let group = try SteeredGroup.quic()
        try group.openConfirmed(3, from: 1, at: 0)
        try group.steering.steerNewFlows(to: [1])
        #expect(try group.slot(of: QUICSession().data, from: 100) == 0)
        #expect(group.steering.counters().rules?.guessed == 1)
        try group.openConfirmed(4, from: 10, at: 1)
        // A count serves for a moment.
        let turned = try eventually {
            group.steering.sweep()
            return try group.slot(
                of: QUICSession().data, from: 101 + Int.random(in: 0..<10_000)) == 1
        }
        #expect(turned)
        #expect(group.steering.counters().rules?.unknown == 1)
    }

    @Test func noForgedIdReachesAGenerationThatDrainsWhereNothingIsGuessed() throws {
        var setup = SteeredGroup.quicSetup
        setup.unknownIDs = .current
        let group = try SteeredGroup.quic(setup)
        let session = QUICSession()
        #expect(try group.open(session, from: 1) == 0)
        try group.steering.steerNewFlows(to: [1])
        for client in 100..<2100 {
            try group.send(QUICDatagram.short(to: QUICDatagram.noise(8)), from: client)
            _ = try group.members[1]?.socket.discardQueue()
        }
        // From the session's own address, too.
        try group.send(QUICDatagram.short(to: QUICDatagram.noise(8)), from: 1, port: 1)
        #expect(group.steering.countFlows()[0]?.live == 1)
        #expect(try group.slot(of: session.data, from: 5000) == 0)
        let rules = group.steering.counters().rules
        #expect(rules?.unknown == 2001)
        #expect(rules?.guessed == 0)
        #expect(rules?.hinted == 0)
    }

    @Test func guessesAtAGenerationThatDrainsEndWithTheirBudget() throws {
        let group = try SteeredGroup.quic()
        try group.openConfirmed(19, from: 1, at: 0)
        try group.steering.steerNewFlows(to: [1])
        for client in 100..<1600 {
            try group.send(QUICDatagram.short(to: QUICDatagram.noise(8)), from: client)
            for member in group.members { _ = try member?.socket.discardQueue() }
        }
        let rules = group.steering.counters().rules
        #expect(rules?.guessed == 1000)
        #expect(rules?.unknown == 500)
        // None of them holds the drain up, or has another one guessed.
        #expect(group.steering.countFlows()[0]?.live == 19)
    }

    @Test func realSessionsStayAfterAFloodOfMadeUpIds() throws {
        let group = try SteeredGroup.quic()
        let old = (0..<100).map { _ in QUICSession() }
        for (at, session) in old.enumerated() {
            #expect(try group.open(session, from: at) == 0)
        }
        // Confirmed: by its id and by its address, some time after the first.
        let confirmed = try eventually {
            for (at, session) in old.enumerated() {
                _ = try group.slot(of: session.data, from: at)
            }
            return (group.steering.countFlows()[0]?.confirmed ?? 0) >= 100
        }
        #expect(confirmed)
        try group.steering.steerNewFlows(to: [1])
        for client in 1000..<60_000 {
            try group.send(QUICDatagram.short(to: QUICDatagram.noise(8)), from: client)
            if client % 256 == 0 {
                for member in group.members { _ = try member?.socket.discardQueue() }
            }
        }
        for member in group.members { _ = try member?.socket.discardQueue() }
        for (at, session) in old.enumerated() {
            #expect(try group.slot(of: session.data, from: 100_000 + at) == 0)
        }
    }
}
