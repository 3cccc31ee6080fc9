import Kernel
import TestKit
import Testing

@Suite(.ownNetwork, .needsRoot) struct GroupFilterTests {
    private static let group = SocketAddress.ipv4(0xEF01_0203, port: 0)

    /// A member of a reuseport group, and of a multicast group on the loopback interface.
    private static func member() throws -> DatagramSocket {
        let socket = try DatagramSocket.bound(to: .ipv4(0, port: 5000))
        try socket.join(MulticastMembership(group: group, interface: 1))
        return socket
    }

    @Test func oneSocketAloneGetsWhatIsSentToAGroup() throws {
        let first = try Self.member()
        let second = try Self.member()
        let client = try DatagramSocket.bound(to: .loopback(), options: .alone)
        try client.sendToGroups(through: 1)
        for target: SocketAddress in [.ipv4(0xEF01_0203, port: 5000)] {
            try first.turnToGroups()
            try second.turnToGroups()
            try client.send([1], to: target)
            #expect(try first.receive(within: .seconds(20)) != nil)
            #expect(try second.receive(within: .seconds(20)) != nil)
            #expect(try first.turnFromGroups())
            try client.send([2], to: target)
            #expect(try second.receive(within: .seconds(20))?.bytes == [2])
            // It is delivered before the call returns.
            #expect(try first.receive() == nil)
            try second.turnFromGroups()
            try first.turnToGroups()
            try client.send([3], to: target)
            #expect(try first.receive(within: .seconds(20))?.bytes == [3])
            #expect(try second.receive() == nil)
        }
        // What is sent to the host comes as ever.
        try second.turnFromGroups()
        try first.turnFromGroups()
        try client.send([4], to: .loopback(port: 5000))
        let either = try [first.receive()?.bytes, second.receive()?.bytes].compactMap { $0 }
        #expect(either == [[4]])
    }

    @Test func aFilterOfSomebodyElseStays() throws {
        let first = try Self.member()
        #expect(try first.turnFromGroups())
        #expect(try first.isTurnedFromGroups())
        try first.turnToGroups()
        #expect(try !first.glance().hasFilter)
        try first.attachFilter([ClassicInstruction(code: 0x06, operand: 100)])
        #expect(try !first.turnFromGroups())
        try first.turnToGroups()
        #expect(try first.glance().hasFilter)
    }

    @Test func onlySomeAddressesHearGroups() {
        #expect(SocketAddress.ipv4(0, port: 1).hearsGroups)
        #expect(SocketAddress.ipv4(0xC0A8_01FF, port: 1).hearsGroups)
        #expect(!SocketAddress.loopback(port: 1).hearsGroups)
        #expect(SocketAddress.ipv6(0xff02 << 112 | 1, port: 1, scope: 1).hearsGroups)
        #expect(!SocketAddress.loopback6(port: 1).hearsGroups)
        #expect(SocketAddress.ipv6(0xFFFF << 32, port: 1, scope: 0).hearsGroups)
    }
}
