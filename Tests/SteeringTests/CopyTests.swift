import Kernel
import TestKit
import Testing

@testable import Steering

/// Datagrams that nobody is known to own, of which each that may own them gets a copy.
@Suite(.enabled(if: Privilege.hasBPF && Privilege.sendsPackets))
struct CopyTests {
    @Test(arguments: [SocketAddress.loopback(), .loopback6(), .ipv6(0, port: 0, scope: 0)])
    func anIdNeverSeenIsCopiedToBothGenerations(at address: SocketAddress) throws {
        let group = try CopyingGroup(at: address)
        let rotated = QUICSession().data
        for _ in 0..<3 {
            let client = try group.sendFromElsewhere(rotated)
            #expect(try group.copy() == [rotated])
            for slot in [0, 1] {
                let copy = try #require(try group.steered.members[slot]?.socket.receive())
                #expect(copy.bytes == rotated)
                #expect(copy.source.unmapped == client)
            }
        }
        let counters = group.steered.steering.counters()
        #expect(counters.rules?.copied == 3)
        #expect(counters.rules?.uncopied == 0)
        #expect(counters.rules?.guessed == 0)
        #expect(counters.rules?.unknown == 0)
        #expect(counters.fallback == 0)
        // Nobody has learned anything of it, and each datagram counts once.
        #expect(group.steered.steering.countFlows()[0]?.live == 3)
        #expect(counters.datagrams == counters.pinned + counters.newFlows + 3)
    }

    @Test func aCopyOfADatagramLargerThanPacketsAreIsSentInPieces() throws {
        for address in [SocketAddress.loopback(), .loopback6()] {
            let group = try CopyingGroup(at: address)
            let payload = [0x41] + QUICDatagram.noise(9000)
            _ = try group.sendFromElsewhere(payload)
            #expect(try group.copy(most: 1280) == [payload])
            for slot in [0, 1] {
                #expect(try group.steered.members[slot]?.socket.receive()?.bytes == payload)
            }
        }
    }

    @Test func noMarkOfSomebodyElseCounts() throws {
        let group = try CopyingGroup(at: .loopback())
        let payload = QUICSession().data
        let (here, there) = (
            SocketAddress.ipv4(0x7F00_1001, port: 1001), SocketAddress.ipv4(0x7F00_1002, port: 1001)
        )
        let marks = group.marks(of: here)
        for slot in [0, 1] {
            // Of another datagram's addresses, with another tag, for another worker.
            try group.send(payload, from: there, marks[slot])
            try group.send(payload, from: here, marks[slot].altered(by: 1))
            try group.send(payload, from: here, marks[slot].altered(by: 1 << 63))
            try group.send(payload, from: here, marks[slot].meant(for: marks[1 - slot]))
        }
        #expect(group.steered.steering.counters().rules?.copied == 8)
        for slot in [0, 1] {
            #expect(try group.steered.members[slot]?.socket.receive() == nil)
            try group.send(payload, from: here, marks[slot])
            #expect(try group.steered.members[slot]?.socket.receive()?.source == here)
        }
        #expect(group.steered.steering.counters().rules?.copied == 8)
    }

    @Test func aCopyForAWorkerThatIsGoneGoesNowhere() throws {
        let group = try CopyingGroup(at: .loopback())
        let payload = QUICSession().data
        let here = SocketAddress.ipv4(0x7F00_1001, port: 1001)
        let marks = group.marks(of: here)
        try group.steered.steering.release(0)
        for mark in marks { try group.send(payload, from: here, mark) }
        #expect(try group.steered.members[0]?.socket.receive() == nil)
        #expect(try group.steered.members[1]?.socket.receive()?.bytes == payload)
        #expect(try group.steered.members[1]?.socket.receive() == nil)
    }

    @Test func whatIsCopiedHasALimitAndNothingIsPinnedBeyondIt() throws {
        let group = try CopyingGroup(at: .loopback())
        for client in 100..<1400 {
            try group.steered.send(QUICDatagram.short(to: QUICDatagram.noise(8)), from: client)
            try group.discardQueues()
        }
        let counters = group.steered.steering.counters()
        // Two workers: of 2000 copies a second half are of one datagram each.
        #expect(counters.rules?.copied == 1000)
        #expect(counters.rules?.uncopied == 300)
        #expect(group.steered.steering.countFlows()[0]?.live == 3)
        #expect(group.steered.steering.countFlows()[1]?.live == 0)
    }

    @Test func nothingIsCopiedWhereNobodyDrains() throws {
        let group = try CopyingGroup(at: .loopback(), drains: false)
        let unknown = QUICSession().data
        #expect(try group.steered.slot(of: unknown, from: 100) == 0)
        #expect(group.steered.steering.counters().rules?.copied == 0)
    }

    @Test func copiesEndWithTheLastSessionOfAGenerationThatDrains() throws {
        let group = try CopyingGroup(at: .loopback())
        try group.steered.steering.resteer(slots: [0])
        #expect(try group.steered.slot(of: QUICSession().data, from: 100) == 1)
        #expect(group.steered.steering.counters().rules?.copied == 0)
    }

    @Test func aSessionThatIsOnlyCopiedHoldsTheDrainUp() throws {
        let group = try CopyingGroup(at: .loopback())
        let steering = group.steered.steering
        // They are confirmed or not as the time between two datagrams was.
        let own = try #require(steering.countFlows()[0])
        #expect(own.live == 3)
        steering.hold(copied: 2)
        #expect(steering.countFlows()[0]?.confirmed == own.confirmed + 2)
        #expect(steering.countFlows()[1]?.live == 0)
        try steering.resteer(slots: [0])
        #expect(steering.countFlows()[0] == nil)
        #expect(steering.countFlows()[1]?.live == 0)
    }

    @Test func afterADrainWhatIsOnlyCopiedIsCopiedToTheWorkersThatAreLeft() throws {
        let group = try CopyingGroup(at: .loopback())
        let steering = group.steered.steering
        try steering.steerNewFlows(to: [1, 2])
        steering.hold(copied: 1)
        try steering.resteer(slots: [0])
        let rotated = QUICSession().data
        _ = try group.sendFromElsewhere(rotated)
        #expect(try group.copy() == [rotated])
        #expect(try group.steered.members[0]?.socket.receive() == nil)
        for slot in [1, 2] {
            #expect(try group.steered.members[slot]?.socket.receive()?.bytes == rotated)
        }
        // With the last one it ends.
        steering.hold(copied: 0)
        steering.tend()
        #expect(try [1, 2].contains(group.steered.slot(of: QUICSession().data, from: 100)))
        #expect(steering.counters().rules?.copied == 1)
    }

    @Test func onlyWhatGoesOnForAWhileIsASession() throws {
        var flows = CopiedFlows(idleTimeout: .seconds(60))
        func flow(_ number: Int) throws -> FlowTuple {
            try #require(FlowTuple(peer: .loopback(port: UInt16(number)), local: .loopback()))
        }
        for number in 1...1000 { flows.hear(try flow(number), at: .seconds(10)) }
        #expect(flows.count(at: .seconds(10)) == 0)
        flows.hear(try flow(1), at: .seconds(11))
        #expect(flows.count(at: .seconds(11)) == 0)
        flows.hear(try flow(1), at: .seconds(12))
        #expect(flows.count(at: .seconds(12)) == 1)
        // The others are forgotten, and would have to begin anew.
        #expect(flows.count(at: .seconds(16)) == 1)
        flows.hear(try flow(2), at: .seconds(17))
        #expect(flows.count(at: .seconds(72)) == 1)
        #expect(flows.count(at: .seconds(73)) == 0)
    }

    @Test func theNextSupervisorCopiesWhatWaits() throws {
        let group = try CopyingGroup(at: .loopback())
        let waiting = QUICSession().data
        try group.steered.send(waiting, from: 100)
        try group.takeOver()
        #expect(try group.copy() == [waiting])
        for slot in [0, 1] {
            #expect(try group.steered.members[slot]?.socket.receive()?.bytes == waiting)
        }
    }
}

/// A group that has three sessions at slot 0, new ones at slot 1, and a copier.
private final class CopyingGroup {
    let steered: SteeredGroup
    private let copier: SteeredGroup.Member
    private let batch = DatagramBatch(capacity: 8, datagramSize: 65_536)
    private let sender: Sender

    /// One sender of each family, so that it can be kept.
    private final class Sender {
        let v4: PacketSender
        let v6: PacketSender

        init() throws {
            v4 = try PacketSender(isIPv6: false)
            v6 = try PacketSender(isIPv6: true)
        }
    }

    init(at address: SocketAddress, drains: Bool = true) throws {
        var setup = SteeredGroup.quicSetup
        setup.unknownIDs = .copy
        steered = try SteeredGroup.quic(setup, at: address)
        copier = SteeredGroup.Member(
            try DatagramSocket.bound(
                to: steered.address,
                options: DatagramSocketOptions(receiveBuffer: 4 << 20, v6Only: false)))
        try copier.socket.reportLocalAddresses()
        try copier.socket.reportTrafficClass()
        sender = try Sender()
        try steered.steering.place(copier: copier.socket)
        for client in 0..<3 { _ = try steered.open(QUICSession(), from: client, port: client) }
        if drains { try steered.steering.steerNewFlows(to: [1]) }
    }

    func takeOver() throws {
        try steered.takeOver()
        try steered.steering.place(copier: copier.socket)
    }

    /// Copies what was handed over, as a supervisor does.
    ///
    /// - Returns: the payloads.
    func copy(most: Int = 65_535) throws -> [[UInt8]] {
        let count = try batch.receive(from: copier.socket)
        return try (0..<count).map { index in
            guard let peer = batch[peer: index], var local = batch[local: index] else {
                throw TestFailure("a datagram without addresses")
            }
            local.port = steered.address.port
            let copy = try #require(
                DatagramCopy(
                    from: peer, to: local, trafficClass: batch.trafficClass(of: index),
                    payload: batch[bytes: index]))
            for (number, mark) in steered.steering.marks(for: copy.flow).enumerated() {
                try send(copy.packets(mark, most: most, number: UInt32(number)), to: copy.flow)
            }
            return batch[bytes: index]
        }
    }

    func marks(of peer: SocketAddress) -> [CopyMark] {
        FlowTuple(peer: peer, local: steered.address).map(steered.steering.marks(for:)) ?? []
    }

    func send(_ payload: [UInt8], from peer: SocketAddress, _ mark: CopyMark) throws {
        let copy = try #require(
            DatagramCopy(from: peer, to: steered.address, trafficClass: 0, payload: payload))
        try send(copy.packets(mark), to: copy.flow)
    }

    private func send(_ packets: [[UInt8]], to flow: FlowTuple) throws {
        for packet in packets {
            if flow.local.isIPv6 {
                try sender.v6.send(packet, to: flow.local)
            } else {
                try sender.v4.send(packet, to: flow.local)
            }
        }
    }

    /// Sends one datagram from an address that is not the sessions'.
    ///
    /// - Returns: the address.
    func sendFromElsewhere(_ payload: [UInt8]) throws -> SocketAddress {
        if steered.address.isIPv6, !steered.address.isWildcard {
            // Loopback has but one address of IPv6. The mark is of nobody.
            let client = SocketAddress.ipv6(0x2001_0db8 << 96 | 1, port: 1001, scope: 0)
            let copy = try #require(
                DatagramCopy(
                    from: client, to: steered.address, trafficClass: 2, payload: payload))
            try send(copy.packets(CopyMark(placement: 1, tag: 0)), to: copy.flow)
            return client
        }
        let socket = try DatagramSocket.bound(
            to: .ipv4(0x7F00_2000, port: 0), options: DatagramSocketOptions(reusePort: false))
        _ = try socket.send(payload, to: .loopback(port: steered.address.port))
        return try socket.localAddress()
    }

    func discardQueues() throws {
        for member in steered.members { _ = try member?.socket.discardQueue() }
        _ = try copier.socket.discardQueue()
    }
}

extension CopyMark {
    fileprivate func altered(by bits: UInt64) -> CopyMark {
        CopyMark(placement: placement, tag: tag ^ bits)
    }

    fileprivate func meant(for other: CopyMark) -> CopyMark {
        CopyMark(placement: other.placement, tag: tag)
    }
}
