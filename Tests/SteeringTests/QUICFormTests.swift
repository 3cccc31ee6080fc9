import Kernel
import Steering
import TestKit
import Testing

/// The forms that QUIC's datagrams and a server's ids have.
@Suite(.enabled(if: Privilege.hasBPF, "needs CAP_BPF"), .leavesNoDescriptors)
struct QUICFormTests {
    @Test func versionTwoNumbersItsPacketsInItsOwnWay() throws {
        let group = try SteeredGroup.quic()
        var (old, new) = (QUICSession(), QUICSession())
        old.version = QUICDatagram.version2
        new.version = QUICDatagram.version2
        #expect(try group.open(old, from: 1) == 0)
        try group.steering.steerNewFlows(to: [1])
        #expect(try group.open(new, from: 1) == 1)
        #expect(try group.slot(of: old.data, from: 2) == 0)
        #expect(try group.slot(of: new.data, from: 3) == 1)
    }

    @Test func theBitThatSaysNothingIsNotLookedAt() throws {
        let group = try SteeredGroup.quic()
        var session = QUICSession()
        session.isGreased = true
        #expect(try group.open(session, from: 1) == 0)
        try group.steering.steerNewFlows(to: [1])
        #expect(try group.slot(of: session.data, from: 2) == 0)
        #expect(try group.slot(of: session.data, from: 3) == 0)
    }

    @Test func aVersionThatNobodyKnowsIsNegotiatedWithTheCurrentGeneration() throws {
        let group = try SteeredGroup.quic()
        let session = QUICSession()
        #expect(try group.open(session, from: 1) == 0)
        try group.steering.steerNewFlows(to: [1])
        for kind in [QUICDatagram.Kind.initial, .zeroRTT, .handshake] {
            let datagram = QUICDatagram.long(
                kind, to: QUICDatagram.noise(8), from: QUICDatagram.noise(8),
                version: 0x1a2a_3a4a)
            #expect(try group.slot(of: datagram, from: 1) == 1)
        }
        #expect(try group.slot(of: session.data, from: 2) == 0)
    }

    @Test func emptyIdsLeaveTheAddressToTellASession() throws {
        let group = try SteeredGroup.quic()
        let session = QUICSession(length: 0)
        #expect(try group.open(session, from: 1) == 0)
        try group.steering.steerNewFlows(to: [1])
        for _ in 0..<5 { #expect(try group.slot(of: session.data, from: 1) == 0) }
        #expect(try group.open(QUICSession(length: 0), from: 2) == 1)
        #expect(group.steering.counters().rules?.learned == 0)
    }

    /// Else one client, whose datagrams need no answer, would have the first byte tell where sessions of all go.
    @Test(arguments: [0, 1, 2, 3])
    func whoSaysThatIdsAreShortIsNotBelieved(length: Int) throws {
        let group = try SteeredGroup.quic()
        let old = (0..<50).map { _ in QUICSession() }
        for (at, session) in old.enumerated() {
            #expect(try group.open(session, from: at) == 0)
        }
        try group.steering.steerNewFlows(to: [1])
        let liar = QUICSession(length: length)
        #expect(try group.open(liar, from: 1000) == 1)
        for number in 0..<200 {
            let id = (0..<length).map { _ in UInt8(number) }
            let lie = QUICDatagram.long(.handshake, to: id, from: QUICDatagram.noise(8))
            #expect(try group.slot(of: lie, from: 1000) == 1)
        }
        group.steering.sweep()
        // From where they were, and from elsewhere.
        for (at, session) in old.enumerated() {
            #expect(try group.slot(of: session.data, from: at) == 0)
            #expect(try group.slot(of: session.data, from: 100 + at) == 0)
        }
    }

    @Test func idsOfTwoLengthsAreKnownWhileTwoVersionsServe() throws {
        let group = try SteeredGroup.quic()
        let old = (0..<5).map { _ in QUICSession(length: 8) }
        for (at, session) in old.enumerated() {
            #expect(try group.open(session, from: at) == 0)
        }
        try group.steering.steerNewFlows(to: [1])
        // At once, and after each look of the supervisor.
        for round in 0..<3 {
            let new = QUICSession(length: 4)
            #expect(try group.open(new, from: 10 + round) == 1)
            #expect(try group.slot(of: new.data, from: 100 + round) == 1)
            for (at, session) in old.enumerated() {
                #expect(try group.slot(of: session.data, from: 1000 + round * 10 + at) == 0)
            }
            group.steering.sweep()
        }
    }

    @Test func anIdBehindAnInitialInOneDatagramIsTheServers() throws {
        let group = try SteeredGroup.quic()
        let session = QUICSession()
        #expect(try group.slot(of: session.initial, from: 1) == 0)
        #expect(try group.slot(of: session.coalesced, from: 1) == 0)
        try group.steering.steerNewFlows(to: [1])
        #expect(try group.slot(of: session.data, from: 2) == 0)
    }

    @Test func aWorkersCookieInItsIdsTellsItWhereTheIdWasNeverSeen() throws {
        let group = try SteeredGroup.quic()
        func session(_ slot: Int) throws -> QUICSession {
            var session = QUICSession()
            let cookie = try #require(group.members[slot]).socket.socketCookie()
            session.id =
                (0..<8).reversed().map { UInt8(truncatingIfNeeded: cookie >> ($0 * 8)) }
                + QUICDatagram.noise(12)
            return session
        }
        #expect(try group.open(session(0), from: 1) == 0)
        try group.steering.steerNewFlows(to: [1])
        #expect(try group.open(session(1), from: 2) == 1)
        group.steering.sweep()
        for client in 10..<30 {
            #expect(try group.slot(of: session(client % 2).data, from: client) == client % 2)
        }
        #expect(group.steering.counters().rules?.owner == 20)
        #expect(group.steering.counters().rules?.guessed == 0)
        // No session of this worker has been seen yet.
        #expect(try group.slot(of: session(2).data, from: 50) != 2)
    }

    @Test func noLiarIsBelievedWhereTheLengthOfIdsIsSaid() throws {
        var setup = SteeredGroup.quicSetup
        setup.idLength = 8
        let group = try SteeredGroup.quic(setup)
        // Of both lengths that there is room for, before anybody else comes.
        for client in 100..<120 {
            _ = try group.open(QUICSession(length: 5 + client % 2), from: client)
        }
        let sessions = (0..<10).map { _ in QUICSession() }
        for (at, session) in sessions.enumerated() {
            #expect(try group.open(session, from: at) == 0)
        }
        try group.takeOver()
        group.steering.sweep()
        try group.steering.steerNewFlows(to: [1])
        for (at, session) in sessions.enumerated() {
            #expect(try group.slot(of: session.data, from: 200 + at) == 0)
        }
    }

    @Test func ipv6SessionsStayAsWell() throws {
        let group = try SteeredGroup.quic(at: .loopback6())
        let session = QUICSession()
        #expect(try group.slot(of: session.initial, from: 0) == 0)
        #expect(try group.slot(of: session.handshake, from: 0) == 0)
        try group.steering.steerNewFlows(to: [1])
        #expect(try group.slot(of: session.data, from: 0, port: 1) == 0)
        #expect(try group.open(QUICSession(), from: 0, port: 2) == 1)
        // Never seen, and of the same /64.
        #expect(try group.slot(of: QUICSession().data, from: 0, port: 3) == 1)
        #expect(group.steering.counters().rules?.hinted == 1)
    }

    @Test func aSuccessorKnowsEverySession() throws {
        let group = try SteeredGroup.quic()
        let old = QUICSession()
        #expect(try group.open(old, from: 1) == 0)
        try group.takeOver()
        try group.steering.steerNewFlows(to: [1])
        let new = QUICSession()
        #expect(try group.open(new, from: 2) == 1)
        try group.takeOver()
        #expect(group.steering.countFlows().mapValues(\.live) == [0: 1, 1: 1, 2: 0])
        #expect(try group.slot(of: old.data, from: 3) == 0)
        #expect(try group.slot(of: new.data, from: 4) == 1)
        try group.steering.resteer(slots: [0])
        #expect(try group.slot(of: old.data, from: 5) == 1)
    }

    @Test func aDrainCountsASessionOnceWhateverItsIds() throws {
        let group = try SteeredGroup.quic()
        var session = QUICSession()
        #expect(try group.open(session, from: 1) == 0)
        for _ in 0..<5 {
            session.rotate()
            #expect(try group.slot(of: session.data, from: 1) == 0)
        }
        try group.steering.steerNewFlows(to: [1])
        #expect(group.steering.countFlows().mapValues(\.live) == [0: 1, 1: 0, 2: 0])
    }

    @Test func aSessionThatIsSilentForLongIsKnownForAsLongAgain() throws {
        var setup = SteeredGroup.quicSetup
        setup.idleTimeout = .milliseconds(400)
        let group = try SteeredGroup.quic(setup)
        let session = QUICSession()
        let start = MonotonicClock.now()
        #expect(try group.open(session, from: 1) == 0)
        try group.steering.steerNewFlows(to: [1])
        #expect(try eventually { group.steering.liveFlows == 0 })
        let silent = MonotonicClock.now() - start
        #expect(silent >= .milliseconds(350))
        // Unless this machine was too slow to come in time.
        if silent < .milliseconds(600) {
            #expect(try group.slot(of: session.data, from: 2) == 0)
            #expect(group.steering.countFlows()[0]?.live == 1)
        }
        let seen = MonotonicClock.now()
        let isOver = try eventually { MonotonicClock.now() - seen > .seconds(1) }
        #expect(isOver)
        group.steering.sweep()
        #expect(try group.slot(of: session.data, from: 3) == 1)
    }

    @Test func capBPFAloneIsEnough() throws {
        try Capabilities.keepInThread([.bpf])
        let group = try SteeredGroup.quic()
        let session = QUICSession()
        #expect(try group.open(session, from: 1) == 0)
        try group.steering.steerNewFlows(to: [1])
        #expect(try group.slot(of: session.data, from: 2) == 0)
    }
}
