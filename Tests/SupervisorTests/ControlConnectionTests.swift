import ControlProtocol
import Kernel
import Testing

@testable import Supervisor

/// What one client of the control socket can make the supervisor do and hold.
@Suite struct ControlConnectionTests {
    private let loop: EventLoop
    private let client: Client
    private let connection: ControlConnection

    /// The other end.
    private final class Client {
        let socket: UnixConnection
        init(_ socket: consuming UnixConnection) { self.socket = socket }
    }

    private final class Counter { var count = 0 }

    init() throws {
        loop = try EventLoop()
        var pair = try UnixConnectionPair(kind: .stream)
        client = Client(pair.takeFirst())
        try client.socket.setNonBlocking(true)
        let end = pair.takeSecond()
        try end.setNonBlocking(true)
        connection = try ControlConnection(
            end, peer: PeerCredentials(pid: 1, uid: 0, gid: 0), in: loop,
            silenceTimeout: .seconds(60))
    }

    private func send(_ calls: Int) throws {
        let frame = ControlCall(.getInfo, more: false, oneway: false).frame()
        for _ in 0..<calls { #expect(try client.socket.write(frame) == frame.count) }
    }

    /// All that comes for the client as long as it reads.
    private func answersOverTurns() throws -> [[UInt8]] {
        var bytes: [UInt8] = []
        for _ in 0..<10 {
            while let some = try client.socket.read(upTo: 1 << 20), !some.isEmpty { bytes += some }
            // Even where nothing else is to be done.
            _ = loop.schedule(at: MonotonicClock.now()) {}
            try loop.runOnce()
        }
        return bytes.split(separator: 0).map(Array.init)
    }

    @Test func whoReadsNoAnswersIsAnsweredAFewTimesOnly() throws {
        let calls = Counter()
        connection.waitsForTurn = {}
        connection.called = { [unowned connection] _ in
            calls.count += 1
            connection.reply(.done)
        }
        try send(200)
        for _ in 0..<1000 {
            connection.serve()
            _ = loop.schedule(at: MonotonicClock.now()) {}
            try loop.runOnce()
        }
        #expect((1..<100).contains(calls.count), "\(calls.count)")
        // It goes on as soon as it reads.
        let before = calls.count
        #expect(try answersOverTurns().count >= before)
        connection.serve()
        #expect(calls.count > before)
    }

    @Test func oneCallIsTakenAtATurnAndNoneWhileAnAnswerIsOwed() throws {
        let (turns, calls) = (Counter(), Counter())
        connection.waitsForTurn = { turns.count += 1 }
        connection.called = { _ in calls.count += 1 }
        try send(5)
        try loop.runOnce()
        #expect((turns.count, calls.count) == (1, 0))
        connection.serve()
        #expect((turns.count, calls.count) == (1, 1))
        connection.serve()
        #expect((turns.count, calls.count) == (1, 1))
        connection.reply(.info)
        #expect((turns.count, calls.count) == (2, 1))
        connection.serve()
        #expect((turns.count, calls.count) == (2, 2))
    }

    @Test func whoDoesNotReadItsAnswersIsAskedForNoMoreCalls() throws {
        let calls = Counter()
        connection.waitsForTurn = { [unowned connection] in connection.serve() }
        connection.called = { [unowned connection] _ in
            calls.count += 1
            connection.reply(.interfaceDescription(String(repeating: "x", count: 100_000)))
        }
        try send(150)
        try loop.runOnce()
        let unread = calls.count
        #expect(1..<20 ~= unread)
        _ = try answersOverTurns()
        #expect(calls.count > unread)
    }

    @Test func aFollowerThatDoesNotReadMissesEventsAndIsToldHowMany() throws {
        let event = ServiceEvent(
            time: "now", kind: .warning, message: String(repeating: "x", count: 1000))
        for _ in 0..<5000 { connection.tell(event) }
        #expect(connection.isOpen)
        // What was held for it follows as it reads.
        let told = try answersOverTurns()
        #expect(told.count * 1000 < 1 << 20)
        connection.tell(event)
        let last = try #require(try answersOverTurns().last)
        let missed = #""missed":\#(5000 - told.count)"#
        #expect(String(decoding: last, as: UTF8.self).contains(missed))
        connection.tell(event)
        let next = try #require(try answersOverTurns().last)
        #expect(!String(decoding: next, as: UTF8.self).contains("missed"))
    }

    @Test func whoAsksNothingIsLetGoAndWhoWaitsForAnAnswerIsNot() throws {
        var pair = try UnixConnectionPair(kind: .stream)
        let asking = Client(pair.takeFirst())
        let end = pair.takeSecond()
        try end.setNonBlocking(true)
        let peer = PeerCredentials(pid: 1, uid: 0, gid: 0)
        let patient = try ControlConnection(
            end, peer: peer, in: loop, silenceTimeout: .milliseconds(20))
        var quiet = try UnixConnectionPair(kind: .stream)
        let other = Client(quiet.takeFirst())
        let hasty = try ControlConnection(
            quiet.takeSecond(), peer: peer, in: loop, silenceTimeout: .milliseconds(20))
        patient.waitsForTurn = { [unowned patient] in patient.serve() }
        let frame = ControlCall(.getInfo, more: false, oneway: false).frame()
        #expect(try asking.socket.write(frame) == frame.count)
        while hasty.isOpen { try loop.runOnce() }
        withExtendedLifetime(other) {}
        #expect(patient.isOpen)
        // Answered, it is as silent as the other.
        patient.reply(.info)
        while patient.isOpen { try loop.runOnce() }
    }
}
