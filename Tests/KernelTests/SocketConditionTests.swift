import Glibc
import SystemPackage
import TestKit
import Testing

@testable import Kernel

@Suite(.leavesNoDescriptors) struct SocketConditionTests {
    private static let addresses: [SocketAddress] = [
        .loopback(), .ipv4(0, port: 0), .loopback6(), .ipv6(0, port: 0, scope: 0),
    ]

    @Test(arguments: addresses)
    func aSocketThatNobodyHasHadDiffersInNothing(_ address: SocketAddress) throws {
        let socket = try DatagramSocket.bound(to: address)
        let fresh = try DatagramSocket(for: address)
        let condition = try SocketCondition(of: socket, beside: fresh)
        #expect(condition.glance.isSound)
        #expect(condition.changedOptions == [])
        #expect(condition.memberships == [])
        #expect(condition.sharesPort && !condition.isFilterLocked && condition.interface == 0)
        #expect(condition.address == (try socket.localAddress()))
    }

    @Test func aListenerThatNobodyHasHadDiffersInNothing() throws {
        let listener = try StreamListener.bound(to: .loopback())
        let fresh = try StreamListener(for: .loopback())
        let condition = try SocketCondition(of: listener, beside: fresh)
        #expect(condition.glance.isSound)
        #expect(condition.changedOptions == [])
        try listener.stopListening()
        #expect(try listener.glance().isShutDown)
    }

    @Test(arguments: addresses)
    func whatAWorkerHasDoneIsSeenAndUndone(_ address: SocketAddress) throws {
        let socket = try DatagramSocket.bound(to: address)
        let fresh = try DatagramSocket(for: address)
        let membership = MulticastMembership(
            group: address.isIPv6
                ? .ipv6(0xff02 << 112 | 0xfb, port: 0, scope: 0) : .ipv4(0xE000_00FB, port: 0),
            interface: 1)
        try socket.attachFilter([ClassicInstruction(code: 0x06, operand: 0)])
        try socket.join(membership)
        try Spoiled.options(of: socket)
        let condition = try SocketCondition(of: socket, beside: fresh)
        #expect(condition.glance.hasFilter && !condition.sharesPort)
        #expect(condition.memberships == [membership])
        #expect(condition.changedOptions.contains("SO_RCVTIMEO"))
        let repair = try socket.repair(like: fresh)
        #expect(repair.lastingFaults == [] && repair.optionsLeft == [])
        let after = try SocketCondition(of: socket, beside: fresh)
        #expect(after.glance.isSound && after.sharesPort)
        #expect(after.memberships == [] && after.changedOptions == [])
    }

    @Test func whatCannotBeUndoneIsNamed() throws {
        let fresh = try DatagramSocket(for: .loopback())
        let ended = try DatagramSocket.bound(to: .loopback())
        try Spoiled.shutDown(ended)
        #expect(try ended.glance().isShutDown)
        #expect(try ended.repair(like: fresh).lastingFaults == [.shutDown])
        let locked = try DatagramSocket.bound(to: .loopback())
        try locked.lockFilter()
        #expect(try locked.repair(like: fresh).lastingFaults == [.filterLocked])
        let away = try DatagramSocket.bound(to: .loopback())
        try away.leaveGroup()
        #expect(try away.repair(like: fresh).lastingFaults == [.boundToInterface])
    }

    @Test func aPeerIsSeen() throws {
        let socket = try DatagramSocket.bound(to: .loopback())
        let peer = try DatagramSocket.bound(to: .loopback(), options: .alone)
        #expect(try !socket.glance().hasPeer)
        try socket.connect(to: try peer.localAddress())
        #expect(try socket.glance().hasPeer)
    }

    @Test(arguments: addresses)
    func whatOneHasJoinedAnotherOneHearsToo(_ address: SocketAddress) throws {
        let socket = try DatagramSocket(for: address)
        let other = try DatagramSocket.bound(to: address)
        func membership(_ number: UInt8) -> MulticastMembership {
            MulticastMembership(
                group: address.isIPv6
                    ? .ipv6(0xff0e << 112 | UInt128(number), port: 0, scope: 0)
                    : .ipv4(0xE801_0200 | UInt32(number), port: 0), interface: 1)
        }
        func sender(_ number: UInt8) -> sockaddr_storage {
            let address: SocketAddress =
                address.isIPv6
                ? .ipv6(0x2001_0db8 << 96 | UInt128(number), port: 0, scope: 0)
                : .ipv4(0x0A00_0000 | UInt32(number), port: 0)
            return RawSocketAddress(address).wholeStorage
        }
        try socket.join(membership(1))
        try socket.join(
            membership(2), hearing: GroupSenders(areNamed: true, sources: [sender(1), sender(2)]))
        try socket.join(
            membership(3), hearing: GroupSenders(areNamed: false, sources: [sender(3)]))
        #expect(carryMemberships(from: socket, to: other) == [])
        // Once more changes nothing.
        #expect(carryMemberships(from: socket, to: other) == [])
        var found: [GroupSenders] = []
        for number in 1...3 {
            if let one = other.senders(of: membership(UInt8(number))) { found.append(one) }
        }
        #expect(found.map(\.areNamed) == [false, true, false])
        #expect(found.map(\.sources.count) == [0, 2, 1])
        let joined = other.has(membership(4))
        #expect(!joined)
    }

    @Test func membershipsAreReadAsTheKernelPrintsThem() throws {
        let socket = try DatagramSocket.bound(to: .ipv4(0, port: 0))
        let membership = MulticastMembership(group: .ipv4(0xE001_0203, port: 0), interface: 1)
        #expect(!MulticastMembership.all().contains(membership))
        try socket.join(membership)
        #expect(MulticastMembership.all().contains(membership))
        let joined = socket.has(membership)
        #expect(joined)
        try socket.leave(membership)
        // Who is none is left as it is.
        try socket.leave(membership)
        let left = !socket.has(membership)
        #expect(left)
    }
}
