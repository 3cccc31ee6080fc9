import Foundation
import Kernel
import Steering
import TestKit
import Testing

@testable import RelevoClient

/// Ids that a worker makes with the library, over a flip from slot 0 to slot 1.
@Suite(.enabled(if: Privilege.hasBPF, "needs CAP_BPF"), .leavesNoDescriptors)
struct SealedIDTests {
    @Test(arguments: 0...9, [SocketAddress.loopback(), .loopback6()])
    func anIdNeverSeenLeadsToItsSlotFromAnywhere(server: Int, address: SocketAddress) throws {
        let group = try SteeredGroup.sealed(at: address)
        try group.steering.steerNewFlows(to: [1])
        for client in 1..<9 {
            let slot = client % 2
            let id = try group.id(of: slot, server: server)
            #expect(try group.slot(of: QUICDatagram.short(to: id), from: client) == slot)
            // With a long header as well, which need not be the handshake's first.
            let other = try group.id(of: slot, server: server)
            let long = QUICDatagram.long(.handshake, to: other, from: QUICDatagram.noise(8))
            #expect(try group.slot(of: long, from: client, port: 1) == slot)
        }
        let rules = try #require(group.steering.counters().rules)
        #expect(rules.owner == 16)
        #expect(rules.unknown + rules.hinted + rules.guessed == 0, "\(rules)")
    }

    @Test func itIsKnownFromThenOnAndItsAddressHoldsTheDrain() throws {
        let group = try SteeredGroup.sealed()
        let datagram = QUICDatagram.short(to: try group.id(of: 0))
        try group.steering.steerNewFlows(to: [1])
        for _ in 0..<3 { #expect(try group.slot(of: datagram, from: 1) == 0) }
        #expect(group.steering.counters().rules?.owner == 1)
        #expect(group.steering.countFlows()[0]?.live == 1)
    }

    @Test func oneWhoseAnyBitIsAnotherLeadsNowhere() throws {
        let group = try SteeredGroup.sealed()
        try group.steering.steerNewFlows(to: [1])
        var client = 1
        for server in [0, 1, 5, 9] {
            let id = try group.id(of: 0, server: server)
            // Behind the first byte, which tells the length, and is under the tag all the same.
            for bit in 0..<id.count * 8 {
                var forged = id
                forged[bit / 8] ^= 1 << (bit % 8)
                client += 1
                #expect(
                    try group.slot(of: QUICDatagram.short(to: forged), from: client) == 1,
                    "bit \(bit) of \(id)")
            }
            #expect(try group.slot(of: QUICDatagram.short(to: id), from: client) == 0)
        }
        #expect(group.steering.counters().rules?.owner == 4)
    }

    @Test func theNextStayInASlotInheritsNone() throws {
        let group = try SteeredGroup.sealed()
        let (first, seal) = (try group.id(of: 0), try #require(group.steering.seal(of: 0)))
        try group.steering.steerNewFlows(to: [1])
        try group.steering.resteer(slots: [0])
        #expect(group.steering.seal(of: 0) == nil)
        #expect(try group.slot(of: QUICDatagram.short(to: first), from: 1) == 1)
        // The same socket, for the next generation.
        try group.steering.steerNewFlows(to: [0])
        try group.steering.steerNewFlows(to: [1])
        let next = try #require(group.steering.seal(of: 0))
        #expect(next.stay != seal.stay && next.key != seal.key)
        #expect(try group.slot(of: QUICDatagram.short(to: first), from: 2) == 1)
        // What one would make who had the key of the stay before, with the number of this one.
        let mixed = SlotSeal(stay: next.stay, key: seal.key)
        #expect(
            try group.slot(of: QUICDatagram.short(to: mixed.id()), from: 3) == 1)
        #expect(try group.slot(of: QUICDatagram.short(to: next.id()), from: 4) == 0)
        #expect(group.steering.counters().rules?.owner == 1)
    }

    @Test func aReplacedSocketHasTheSameStay() throws {
        let group = try SteeredGroup.sealed()
        let id = try group.id(of: 0)
        try group.steering.steerNewFlows(to: [1])
        try group.exchange(0)
        #expect(try group.slot(of: QUICDatagram.short(to: id), from: 1) == 0)
    }

    @Test func theNextSupervisorHasTheSameKeys() throws {
        let group = try SteeredGroup.sealed()
        let (id, seal) = (try group.id(of: 0), group.steering.seal(of: 0))
        try group.steering.steerNewFlows(to: [1])
        try group.takeOver()
        #expect(group.steering.seal(of: 0) == seal)
        #expect(try group.slot(of: QUICDatagram.short(to: id), from: 1) == 0)
        #expect(try group.slot(of: QUICDatagram.short(to: group.id(of: 0)), from: 2) == 0)
    }

    @Test func noIdLeadsToAnotherListenersSlot() throws {
        let tables = SteeringTables()
        let groups = try (0..<2).map { _ in
            let group = try SteeredGroup(SteeredGroup.sealedSetup, slots: 3, tables: tables)
            try group.steering.steerNewFlows(to: [1])
            return group
        }
        let (first, second) = (groups[0], groups[1])
        #expect(first.steering.table == second.steering.table)
        for client in 1..<20 {
            let id = try first.id(of: client % 2 == 0 ? 0 : 2)
            #expect(try second.slot(of: QUICDatagram.short(to: id), from: client) == 1)
        }
        #expect(second.steering.counters().rules?.owner == 0)
    }

    @Test func noKeyOfZerosIsHeeded() throws {
        let group = try SteeredGroup.sealed()
        let stay = try #require(group.steering.seal(of: 0)).stay
        try group.steering.steerNewFlows(to: [1])
        let id = SlotSeal(stay: stay, key: (0, 0)).id()
        #expect(try group.slot(of: QUICDatagram.short(to: id), from: 1) == 1)
    }

    @Test func steeringThatHeedsNoneLendsNoKey() throws {
        for mode in [SteeringMode.flow, .stateless] {
            let group = try SteeredGroup(SteeringSetup(mode: mode, transport: .udp), slots: 2)
            try group.steering.steerNewFlows(to: [0])
            #expect(group.steering.seal(of: 0) == nil)
        }
    }

    /// Ids that look right and are not, and as many sessions as there were afterwards. A million of them with
    /// `RELEVO_FORGED=1000000 swift test --filter noForgedOneReaches`, in a minute.
    @Test func noForgedOneReachesAGenerationThatDrains() throws {
        let wanted = ProcessInfo.processInfo.environment["RELEVO_FORGED"].flatMap { Int($0) }
        let count = max(1, (wanted ?? 20_000) / 4000) * 4000
        var setup = SteeredGroup.sealedSetup
        setup.maxFlows = 10_000
        let group = try SteeredGroup.sealed(setup)
        let sessions = try (0..<max(100, count / 1000)).map { _ in try group.id(of: 0) }
        try group.steering.steerNewFlows(to: [1])
        let confirmed = try eventually {
            try group.send(
                sessions.enumerated().map { ($0, QUICDatagram.short(to: $1)) })
            _ = try group.members[0]?.socket.discardQueue()
            return (group.steering.countFlows()[0]?.confirmed ?? 0) >= sessions.count
        }
        #expect(confirmed, "\(group.steering.countFlows()) of \(sessions.count)")
        let seal = try #require(group.steering.seal(of: 0))
        let before = try #require(group.steering.counters().rules)
        for start in stride(from: 0, to: count, by: 4000) {
            let forged = (start..<start + 4000).map { at in
                let id = SlotSeal(
                    stay: seal.stay, key: (.random(in: 0...UInt64.max), UInt64(at))
                ).id()
                return (client: 2000 + at, payload: QUICDatagram.short(to: id))
            }
            try group.send(forged)
            #expect(try group.members[0]?.socket.discardQueue() == 0)
            _ = try group.members[1]?.socket.discardQueue()
        }
        let after = try #require(group.steering.counters().rules)
        #expect(after.owner == before.owner)
        #expect(after.unknown - before.unknown == count)
        // From other addresses, by ids that were seen and by ones that were not.
        for at in sessions.indices {
            let known = QUICDatagram.short(to: sessions[at])
            #expect(try group.slot(of: known, from: 2_000_000 + at) == 0)
            let fresh = QUICDatagram.short(to: try group.id(of: 0))
            #expect(try group.slot(of: fresh, from: 3_000_000 + at) == 0)
        }
    }
}

extension SlotSeal {
    /// An id as the library makes it.
    func id(server: Int = 0) -> [UInt8] {
        let head = server + min(8, 13 - server)
        var id = [.random(in: 0..<7) << 5 | UInt8(head + 6)] + QUICDatagram.noise(head)
        Seal(stay: UInt16(stay), key: key).close(&id)
        return id
    }
}

extension SteeredGroup {
    static var sealedSetup: SteeringSetup {
        var setup = quicSetup
        setup.unknownIDs = .current
        return setup
    }

    /// Three slots, new sessions to the first; what is unknown goes to the current choice.
    static func sealed(
        _ setup: SteeringSetup = sealedSetup, at address: SocketAddress = .loopback()
    ) throws -> SteeredGroup { try quic(setup, at: address) }

    /// An id that a slot's worker makes.
    func id(of slot: Int, server: Int = 0) throws -> [UInt8] {
        guard let seal = steering.seal(of: slot) else { throw TestFailure("slot \(slot): no seal") }
        return seal.id(server: server)
    }
}
