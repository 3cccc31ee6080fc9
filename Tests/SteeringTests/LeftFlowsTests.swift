import Packs
import TestKit
import Testing

@testable import Steering

/// What is taken off a count of flows for 4-tuples that their sessions have left.
struct LeftFlowsTests {
    @Test func whatWasLeftIsTakenOffForItsTime() {
        var left = LeftFlows(lifetime: .seconds(64))
        // Of what was before the first look nothing is known.
        left.note(1000, of: 7, at: .seconds(0))
        #expect(left.count(of: 7, at: .seconds(0)) == 0)
        left.note(1003, of: 7, at: .seconds(10))
        left.note(1005, of: 7, at: .seconds(20))
        #expect(left.count(of: 7, at: .seconds(20)) == 5)
        #expect(left.count(of: 8, at: .seconds(20)) == 0)
        #expect(left.count(of: 7, at: .seconds(74)) == 2)
        #expect(left.count(of: 7, at: .seconds(84)) == 0)
    }

    @Test func theCounterGoesRound() {
        var left = LeftFlows(lifetime: .seconds(64))
        left.note(.max, of: 1, at: .zero)
        left.note(2, of: 1, at: .seconds(1))
        #expect(left.count(of: 1, at: .seconds(1)) == 3)
        left.forget(1)
        left.note(0, of: 1, at: .seconds(2))
        #expect(left.count(of: 1, at: .seconds(2)) == 0)
    }

    @Test func aCountNeverBecomesNoneByIt() {
        let flows = SlotFlows(confirmed: 5, unconfirmed: 3, recentUnconfirmed: 2)
        #expect(flows.without(0) == flows)
        #expect(
            flows.without(2) == SlotFlows(confirmed: 5, unconfirmed: 1, recentUnconfirmed: 1))
        #expect(flows.without(6) == SlotFlows(confirmed: 2))
        #expect(flows.without(100) == SlotFlows(confirmed: 1))
        let fresh = SlotFlows(confirmed: 0, unconfirmed: 3, recentUnconfirmed: 3)
        #expect(
            fresh.without(100) == SlotFlows(confirmed: 0, unconfirmed: 1, recentUnconfirmed: 1))
        #expect(SlotFlows().without(4) == SlotFlows())
    }
}

/// A session whose client's address changes counts once in a drain.
@Suite(.enabled(if: Privilege.hasBPF, "needs CAP_BPF"), .leavesNoDescriptors)
struct ReboundCountTests {
    private static let wireguard = SteeringSetup(
        mode: .pack, transport: .udp, maxFlows: 1000, idleTimeout: .seconds(120),
        pack: BuiltInPack.named("wireguard")?.pack)

    private static func data(_ number: Int) -> [UInt8] {
        [4, 0, 0, 0, 0xaa, 0xbb, 0, UInt8(number)] + [UInt8](repeating: 1, count: 40)
    }

    private func rebind(
        _ group: SteeredGroup, _ payloads: [[UInt8]]
    ) throws -> [SlotFlows] {
        let count = payloads.count
        // Both entries of each, of which the id's is a little later; it is asked for from elsewhere.
        let elsewhere = try group.flow(from: 1000)
        let confirmed = try eventually {
            for (client, payload) in payloads.enumerated() {
                _ = try group.slot(of: payload, from: client)
            }
            let areIds = payloads.allSatisfy { payload in
                let datagram = ExplainedDatagram(elsewhere, payload: payload)
                return group.steering.explain(datagram).steps.contains { step in
                    if case .id = step.key { return step.entry?.isConfirmed == true }
                    return false
                }
            }
            return areIds && group.steering.countFlows()[0]?.confirmed ?? 0 >= count
        }
        guard confirmed else { throw TestFailure("the sessions were not confirmed") }
        try group.steering.steerNewFlows(to: [1])
        var counts = [group.steering.countFlows()[0] ?? SlotFlows()]
        let ports = try (1..<20).filter {
            try group.clientMark(port: $0) != group.clientMark(port: 0)
        }
        var last = try group.clientMark(port: 0)
        var rounds = 0
        for port in ports where rounds < 3 {
            let mark = try group.clientMark(port: port)
            guard mark != last else { continue }
            last = mark
            rounds += 1
            for _ in 0..<2 {
                for (client, payload) in payloads.enumerated() {
                    let slot = try group.slot(of: payload, from: client, port: port)
                    guard slot == 0 else { throw TestFailure("it went to \(slot ?? -1)") }
                }
            }
            counts.append(group.steering.countFlows()[0] ?? SlotFlows())
        }
        return counts
    }

    @Test func quicSessionsThatMoveThriceCountOnce() throws {
        let group = try SteeredGroup.quic()
        let sessions = (0..<20).map { _ in QUICSession() }
        for (client, session) in sessions.enumerated() {
            #expect(try group.open(session, from: client) == 0)
        }
        let counts = try rebind(group, sessions.map(\.data))
        #expect(counts.map(\.live) == [20, 20, 20, 20], "\(counts)")
        #expect(group.steering.counters().rules?.rebound == 60)
    }

    @Test func wireguardSessionsThatMoveThriceCountOnce() throws {
        let group = try SteeredGroup(Self.wireguard, slots: 2)
        try group.steering.steerNewFlows(to: [0])
        let counts = try rebind(group, (0..<20).map(Self.data))
        #expect(counts.map(\.live) == [20, 20, 20, 20], "\(counts)")
        #expect(group.steering.counters().rules?.rebound == 60)
    }

    @Test func aSessionThatComesBackAfterItsCountHasEndedIsThere() throws {
        var setup = SteeredGroup.quicSetup
        setup.idleTimeout = .seconds(1)
        let group = try SteeredGroup.quic(setup)
        let session = QUICSession()
        #expect(try group.open(session, from: 1) == 0)
        try group.steering.steerNewFlows(to: [1])
        _ = try rebindOnce(group, session)
        // Nothing is taken off of what is not there.
        #expect(try eventually { group.steering.countFlows()[0]?.live == 0 })
        let back = try eventually {
            _ = try group.slot(of: session.data, from: 3)
            return group.steering.countFlows()[0]?.live == 1
        }
        #expect(back)
    }

    private func rebindOnce(_ group: SteeredGroup, _ session: QUICSession) throws -> Int? {
        _ = try group.slot(of: session.data, from: 1)
        return try group.slot(of: session.data, from: 2, port: 1)
    }
}
