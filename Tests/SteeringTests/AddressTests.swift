import Kernel
import Steering
import TestKit
import Testing

@Suite(.enabled(if: Privilege.hasBPF, "needs CAP_BPF"), .leavesNoDescriptors)
struct AddressTests {
    @Test func flowsAreToldApartByTheLocalAddressOfAWildcard() throws {
        let group = try SteeredGroup(at: .ipv4(0, port: 0), slots: 2)
        let addresses = (1...50).map {
            SocketAddress.ipv4(0x7F00_0000 + UInt32($0), port: group.address.port)
        }
        try group.steering.steerNewFlows(to: [0])
        for address in addresses.prefix(25) {
            #expect(try group.slots(of: [1], to: address) == [1: 0])
        }
        try group.steering.steerNewFlows(to: [1])
        for (number, address) in addresses.enumerated() {
            #expect(try group.slots(of: [1], to: address) == [1: number < 25 ? 0 : 1])
        }
        #expect(group.steering.liveFlows == 50)
    }

    @Test func ipv6FlowsStayOverAFlip() throws {
        try flowsOfClientsStay(at: .loopback6(), to: .loopback6())
    }

    @Test func ipv4FlowsOfADualStackSocketStayOverAFlip() throws {
        try flowsOfClientsStay(at: .ipv6(0, port: 0, scope: 0), to: .loopback())
    }

    @Test func ipv6FlowsOfADualStackSocketStayOverAFlip() throws {
        try flowsOfClientsStay(at: .ipv6(0, port: 0, scope: 0), to: .loopback6())
    }

    /// Each client has a port of its own, which alone tells the flows apart.
    private func flowsOfClientsStay(at address: SocketAddress, to target: SocketAddress) throws {
        let group = try SteeredGroup(at: address, slots: 4)
        var target = target
        target.port = group.address.port
        func slot(of client: SteeredGroup.Member) throws -> Int? {
            try client.socket.send([0, 0, 0, 0, 0, 0, 0, 1], to: target)
            return try group.take(1).keys.first
        }
        let clients = try (0..<40).map { _ in
            var any = target
            any.port = 0
            return SteeredGroup.Member(
                try DatagramSocket.bound(to: any, options: DatagramSocketOptions(reusePort: false)))
        }
        try group.steering.steerNewFlows(to: [0, 1])
        let before = try clients.prefix(20).map(slot)
        #expect(Set(before) == [0, 1])
        try group.steering.steerNewFlows(to: [2, 3])
        #expect(try clients.prefix(20).map(slot) == before)
        #expect(Set(try clients.dropFirst(20).map(slot)) == [2, 3])
        #expect(group.steering.counters().newFlows == 40)
    }
}
