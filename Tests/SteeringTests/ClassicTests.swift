import Kernel
import Steering
import TestKit
import Testing

@Suite(.leavesNoDescriptors)
struct ClassicTests {
    private let setup = SteeringSetup(mode: .stateless, transport: .udp, machine: .classic)

    @Test func aRunOfSlotsIsSharedEvenlyAndAFlipMovesAll() throws {
        let group = try SteeredGroup(setup, slots: 8)
        try group.steering.steerNewFlows(to: [0, 1, 2, 3])
        let first = try group.slots(of: 0..<4000)
        for slot in 0..<4 {
            #expect(850...1150 ~= first.values.count { $0 == slot })
        }
        #expect(try group.slots(of: 0..<4000) == first)
        try group.steering.steerNewFlows(to: [4, 5, 6, 7])
        #expect(Set(try group.slots(of: 0..<4000).values) == [4, 5, 6, 7])
    }

    @Test func scatteredSlotsAreSharedToo() throws {
        let group = try SteeredGroup(setup, slots: 6)
        try group.steering.steerNewFlows(to: [5, 0, 3])
        let slots = try group.slots(of: 0..<3000)
        for slot in [0, 3, 5] {
            #expect(850...1150 ~= slots.values.count { $0 == slot })
        }
    }

    @Test func portsAloneTellSourcesApart() throws {
        for address in [SocketAddress.loopback(), .loopback6()] {
            let group = try SteeredGroup(setup, at: address, slots: 2)
            try group.steering.steerNewFlows(to: [0, 1])
            var any = address
            any.port = 0
            var counts = [0, 0]
            for _ in 0..<64 {
                let client = try DatagramSocket.bound(
                    to: any, options: DatagramSocketOptions(reusePort: false))
                try client.send([0, 0, 0, 0, 0, 0, 0, 1], to: group.address)
                let slot = try #require(try group.take(1).keys.first)
                counts[slot] += 1
            }
            #expect(counts.allSatisfy { 12...52 ~= $0 })
        }
    }

    @Test func aSocketBehindAStrangersIsNotFound() throws {
        let group = try SteeredGroup(setup, slots: 2)
        try group.steering.steerNewFlows(to: [0, 1])
        try group.grow()
        let third = try #require(group.members[2])
        #expect(try group.steering.finds(2, third.socket, at: group.address))
        let stranger = try DatagramSocket.bound(to: group.address)
        try group.grow()
        let fourth = try #require(group.members[3])
        #expect(try !group.steering.finds(3, fourth.socket, at: group.address))
        // Nobody else is steered to meanwhile or after.
        #expect(Set(try group.slots(of: 0..<500).values) == [0, 1])
        _ = consume stranger
    }

    @Test func beforeTheFirstFlipEverythingWaitsInTheFirstSocket() throws {
        let group = try SteeredGroup(setup, slots: 3)
        #expect(Set(try group.slots(of: 0..<100).values) == [0])
    }
}
