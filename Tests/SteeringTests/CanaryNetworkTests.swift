import Kernel
import Steering
import TestKit
import Testing

/// The clients of some networks go elsewhere.
@Suite(.leavesNoDescriptors)
struct CanaryNetworkTests {
    /// Client n is at 127.0.0.0 + n + 2.
    private static func network(of client: Int, _ length: Int) -> SteeringNetwork {
        let address = SteeredGroup.source(of: client)
        let bytes = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: address >> UInt32($0)) }
        return SteeringNetwork(address: bytes, length: length)
    }

    private static func ipv6(_ last: UInt8, _ length: Int) -> SteeringNetwork {
        SteeringNetwork(address: [UInt8](repeating: 0, count: 15) + [last], length: length)
    }

    private func canary(
        _ networks: [SteeringNetwork], percent: Int = 0
    ) -> SteeringCanary {
        SteeringCanary(slots: [2, 3], millionths: percent * 10_000, networks: networks, key: 7)
    }

    private func clients(_ group: SteeredGroup, of range: Range<Int>) throws -> Set<Int> {
        let slots = try group.slots(of: range)
        try #require(slots.count == range.count)
        return Set(slots.filter { $0.value >= 2 }.keys)
    }

    @Test(arguments: CanaryTests.setups)
    func itsClientsAreThoseOfTheNetworks(_ setup: SteeringSetup) throws {
        let group = try SteeredGroup(setup, slots: 4)
        let networks = [
            Self.network(of: 30, 27), Self.network(of: 300, 24), Self.network(of: 1000, 32),
            Self.network(of: 1022, 31), Self.ipv6(0, 0),
        ]
        try group.steering.steerNewFlows(to: [0, 1], canary: canary(networks))
        #expect(
            group.steering.steeredShare
                == SteeredShare(slots: [2, 3], millionths: 0, networks: networks))
        // The addresses are two more than the numbers.
        let expected = Set(Array(30..<62) + Array(254..<510) + [1000, 1022, 1023])
        #expect(try clients(group, of: 0..<1500) == expected)
    }

    @Test(arguments: CanaryTests.setups)
    func aShareOfTheOthersComesToo(_ setup: SteeringSetup) throws {
        let group = try SteeredGroup(setup, slots: 4)
        let network = Self.network(of: 254, 24)
        try group.steering.steerNewFlows(to: [0, 1], canary: canary([network]))
        #expect(try clients(group, of: 0..<510) == Set(254..<510))
        try group.steering.steerNewFlows(to: [0, 1], canary: canary([network], percent: 50))
        let found = try clients(group, of: 1000..<3000)
        #expect(900...1100 ~= found.count)
        #expect(try clients(group, of: 254..<510) == Set(254..<510))
        // The same key, so the same clients without the network.
        let other = try SteeredGroup(setup, slots: 4)
        try other.steering.steerNewFlows(to: [0, 1], canary: canary([], percent: 50))
        #expect(try clients(other, of: 1000..<3000) == found)
    }

    @Test(arguments: CanaryTests.setups)
    func theLastOfSixtyFourCounts(_ setup: SteeringSetup) throws {
        let group = try SteeredGroup(setup, slots: 4)
        let networks = (0..<64).reversed().map { number in
            number % 2 == 0
                ? Self.network(of: number * 10, 32) : Self.ipv6(UInt8(number), 128)
        }
        try group.steering.steerNewFlows(to: [0, 1], canary: canary(networks))
        let expected = Set((0..<64).filter { $0 % 2 == 0 }.map { $0 * 10 })
        #expect(try clients(group, of: 0..<700) == expected)
    }

    @Test(arguments: CanaryTests.setups)
    func ofIPv6AllBitsCount(_ setup: SteeringSetup) throws {
        let group = try SteeredGroup(setup, at: .loopback6(), slots: 4)
        for (network, isIn) in [
            (Self.ipv6(1, 128), true), (Self.ipv6(0, 127), true), (Self.ipv6(2, 127), false),
            (Self.ipv6(0, 0), true), (Self.ipv6(0, 128), false), (Self.network(of: 0, 0), false),
            (SteeringNetwork(address: [0x20] + [UInt8](repeating: 0, count: 15), length: 3), false),
            (SteeringNetwork(address: [UInt8](repeating: 0, count: 16), length: 64), true),
        ] {
            try group.steering.steerNewFlows(to: [0, 1], canary: canary([network]))
            // Another port is another flow.
            let payload: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]
            let found = try group.slot(of: payload, from: 0, port: network.hashValue)
            let slot = try #require(found)
            #expect((slot >= 2) == isIn, "\(network)")
        }
    }

    @Test(arguments: CanaryTests.setups.dropLast())
    func theNextSupervisorSeesThem(_ setup: SteeringSetup) throws {
        let group = try SteeredGroup(setup, slots: 4)
        let networks = [Self.network(of: 30, 27), Self.ipv6(1, 128)]
        try group.steering.steerNewFlows(to: [0, 1], canary: canary(networks, percent: 1))
        try group.takeOver()
        #expect(
            group.steering.steeredShare
                == SteeredShare(slots: [2, 3], millionths: 10_000, networks: networks))
        try group.steering.steerNewFlows(to: [0, 1], canary: canary([], percent: 1))
        #expect(group.steering.steeredShare?.networks == [])
        try group.steering.steerNewFlows(to: [0, 1])
        #expect(group.steering.steeredShare == nil)
        #expect(try clients(group, of: 0..<100).isEmpty)
    }

    @Test func whatIsBehindThePrefixDoesNotCount() {
        let network = SteeringNetwork(address: [10, 1, 255, 9], length: 17)
        #expect(network.address == [10, 1, 128, 0])
        #expect(network == SteeringNetwork(address: [10, 1, 128, 0], length: 17))
        #expect(SteeringNetwork(address: [10, 1, 255, 9], length: 0).address == [0, 0, 0, 0])
    }
}
