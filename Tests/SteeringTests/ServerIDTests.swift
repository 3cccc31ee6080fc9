import Kernel
import Steering
import TestKit
import Testing

/// Ids in the plaintext form of QUIC-LB, over a flip from slot 0 to slot 1.
@Suite(.enabled(if: Privilege.hasBPF, "needs CAP_BPF"), .leavesNoDescriptors)
struct ServerIDTests {
    private func group(_ length: Int) throws -> SteeredGroup {
        var setup = SteeredGroup.sealedSetup
        setup.serverIDLength = length
        let group = try SteeredGroup.quic(setup)
        for slot in 0..<2 { group.steering.setServer(Self.server(slot, length), of: slot) }
        try group.steering.steerNewFlows(to: [1])
        return group
    }

    /// What a slot's server is known by.
    private static func server(_ slot: Int, _ length: Int) -> [UInt8] {
        (0..<length).map { UInt8(slot * 100 + $0 + 1) }
    }

    /// A packet with an id of the server's that was never seen.
    private static func datagram(to server: [UInt8], count: Int = 12) -> [UInt8] {
        let rest = QUICDatagram.noise(count - 1 - server.count)
        return QUICDatagram.short(to: [.random(in: 0..<0xe0)] + server + rest)
    }

    @Test(arguments: 2...8)
    func anIdNeverSeenLeadsToItsServer(length: Int) throws {
        let group = try group(length)
        for client in 1..<9 {
            let datagram = Self.datagram(
                to: Self.server(client % 2, length), count: length + 5 + client % 3)
            #expect(try group.slot(of: datagram, from: client) == client % 2)
        }
        let rules = try #require(group.steering.counters().rules)
        #expect(rules.owner == 8 && rules.unknown == 0, "\(rules)")
        // Nobody's.
        var server = Self.server(0, length)
        server[length - 1] ^= 1
        #expect(try group.slot(of: Self.datagram(to: server, count: 14), from: 20) == 1)
        #expect(group.steering.counters().rules?.owner == 8)
    }

    @Test func theNextStayInASlotInheritsNone() throws {
        let group = try group(4)
        let datagram = Self.datagram(to: Self.server(0, 4))
        try group.steering.resteer(slots: [0])
        #expect(try group.slot(of: datagram, from: 1) == 1)
        // The same socket, for the next generation, whose worker has not been started yet.
        try group.steering.steerNewFlows(to: [0])
        try group.steering.steerNewFlows(to: [1])
        group.steering.sweep()
        #expect(try group.slot(of: Self.datagram(to: Self.server(0, 4)), from: 2) == 1)
        group.steering.setServer([9, 9, 9, 9], of: 0)
        #expect(try group.slot(of: Self.datagram(to: Self.server(0, 4)), from: 3) == 1)
        #expect(try group.slot(of: Self.datagram(to: [9, 9, 9, 9]), from: 4) == 0)
    }

    @Test func theNextSupervisorKnowsThemAndAFreshSocketToo() throws {
        let group = try group(4)
        try group.takeOver()
        group.steering.sweep()
        #expect(try group.slot(of: Self.datagram(to: Self.server(0, 4)), from: 1) == 0)
        try group.exchange(0)
        group.steering.sweep()
        #expect(try group.slot(of: Self.datagram(to: Self.server(0, 4)), from: 2) == 0)
        #expect(try group.slot(of: Self.datagram(to: Self.server(1, 4)), from: 3) == 1)
    }

    @Test func oneOfAnotherLengthIsNotTaken() throws {
        let group = try group(4)
        group.steering.setServer([7, 7, 7], of: 0)
        #expect(try group.slot(of: Self.datagram(to: Self.server(0, 4)), from: 1) == 0)
        let other = try SteeredGroup.sealed()
        other.steering.setServer([7, 7, 7, 7], of: 0)
        try other.steering.steerNewFlows(to: [1])
        #expect(try other.slot(of: Self.datagram(to: [7, 7, 7, 7]), from: 1) == 1)
    }
}
