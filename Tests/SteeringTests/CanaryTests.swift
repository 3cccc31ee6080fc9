import Kernel
import Steering
import TestKit
import Testing

/// A share of the clients goes elsewhere.
@Suite(.leavesNoDescriptors)
struct CanaryTests {
    /// Longer than any test takes.
    private static let hour = Duration.seconds(3600)
    static let setups = [
        SteeringSetup(mode: .flow, transport: .udp, maxFlows: 50_000, idleTimeout: hour),
        SteeringSetup(
            mode: .flow, transport: .udp, maxFlows: 50_000, idleTimeout: hour, balance: .load),
        SteeringSetup(mode: .quic, transport: .udp, maxFlows: 50_000, idleTimeout: hour),
        SteeringSetup(mode: .stateless, transport: .udp),
        SteeringSetup(mode: .stateless, transport: .udp, machine: .classic),
    ]

    /// Two slots for everybody, two for the canary.
    private func group(_ setup: SteeringSetup) throws -> SteeredGroup {
        try SteeredGroup(setup, slots: 4)
    }

    private func canary(_ percent: Int, key: UInt64 = 7, slots: [Int] = [2, 3]) -> SteeringCanary {
        SteeringCanary(slots: slots, millionths: percent * 10_000, key: key)
    }

    /// The clients, of so many, that come to the canary.
    private func clients(_ group: SteeredGroup, of range: Range<Int>) throws -> Set<Int> {
        var found: Set<Int> = []
        for begin in stride(from: range.lowerBound, to: range.upperBound, by: 2000) {
            let some = begin..<min(begin + 2000, range.upperBound)
            let slots = try group.slots(of: some)
            try #require(slots.count == some.count)
            found.formUnion(slots.filter { $0.value >= 2 }.keys)
        }
        return found
    }

    @Test(arguments: setups, [5, 50])
    func theShareIsReached(_ setup: SteeringSetup, percent: Int) throws {
        let group = try group(setup)
        try group.steering.steerNewFlows(to: [0, 1], canary: canary(percent))
        let found = try clients(group, of: 0..<20_000)
        #expect(abs(found.count - percent * 200) <= 200, "\(found.count)")
        #expect(
            group.steering.steeredShare
                == SteeredShare(slots: [2, 3], millionths: percent * 10_000))
    }

    @Test(arguments: setups)
    func bothSlotsOfACanaryAreUsed(_ setup: SteeringSetup) throws {
        let group = try group(setup)
        try group.steering.steerNewFlows(to: [0, 1], canary: canary(50))
        let slots = try group.slots(of: 0..<4000)
        for slot in 0..<4 { #expect(850...1150 ~= slots.values.count { $0 == slot }) }
    }

    /// Each new client counts, and those that there are stay where they are.
    @Test(arguments: setups)
    func aLargerShareHasTheClientsOfASmallerOne(_ setup: SteeringSetup) throws {
        let group = try group(setup)
        try group.steering.steerNewFlows(to: [0, 1], canary: canary(5))
        let few = try clients(group, of: 0..<4000)
        try group.steering.steerNewFlows(to: [0, 1], canary: canary(50))
        let many = try clients(group, of: 0..<4000)
        #expect(!few.isEmpty && few.isSubset(of: many))
        if group.steering.remembersFlows {
            #expect(many == few)
        } else {
            #expect(many.count > 1500)
        }
        #expect(try clients(group, of: 10_000..<14_000).count > 1500)
    }

    @Test(arguments: setups)
    func theEndOfACanaryMovesNoFlow(_ setup: SteeringSetup) throws {
        let group = try group(setup)
        try group.steering.steerNewFlows(to: [0, 1], canary: canary(50))
        let before = try group.slots(of: 0..<2000)
        try group.steering.steerNewFlows(to: [0, 1])
        #expect(group.steering.steeredShare == nil)
        if group.steering.remembersFlows { #expect(try group.slots(of: 0..<2000) == before) }
        #expect(try clients(group, of: 5000..<7000).isEmpty)
        // The flip after a canary: what it has stays, and all others come.
        try group.steering.steerNewFlows(to: [0, 1], canary: canary(50))
        try group.steering.steerNewFlows(to: [2, 3])
        #expect(try clients(group, of: 20_000..<22_000).count == 2000)
    }

    @Test(arguments: setups)
    func allFlowsOfAClientGoOneWay(_ setup: SteeringSetup) throws {
        let group = try group(setup)
        try group.steering.steerNewFlows(to: [0, 1], canary: canary(50))
        var sides: [Bool] = []
        for client in 0..<40 {
            let slots = try (0..<4).map { port in
                try #require(
                    try group.slot(of: [1, 2, 3, UInt8(client)], from: client, port: port))
            }
            #expect(Set(slots.map { $0 >= 2 }).count == 1)
            sides.append(slots[0] >= 2)
        }
        #expect(5...35 ~= sides.count { $0 })
    }

    @Test(arguments: setups)
    func anotherKeyIsAboutOtherClients(_ setup: SteeringSetup) throws {
        let group = try group(setup)
        try group.steering.steerNewFlows(to: [0, 1], canary: canary(20, key: 1))
        let some = try clients(group, of: 0..<2000)
        let other = try self.group(setup)
        try other.steering.steerNewFlows(to: [0, 1], canary: canary(20, key: 2))
        let others = try clients(other, of: 0..<2000)
        #expect(some.intersection(others).count < 150)
        // The same key means the same clients, whatever the group.
        try other.steering.resteer(slots: [0, 1, 2, 3])
        try other.steering.steerNewFlows(to: [0, 1], canary: canary(20, key: 1))
        #expect(try clients(other, of: 0..<2000) == some)
    }

    @Test(arguments: setups.dropLast())
    func whereTheCanarysSocketIsGoneTheOthersServe(_ setup: SteeringSetup) throws {
        let group = try group(setup)
        try group.steering.steerNewFlows(to: [0, 1], canary: canary(50))
        group.close(2)
        group.close(3)
        let slots = try group.slots(of: 0..<1000)
        #expect(slots.count == 1000 && Set(slots.values) == [0, 1])
    }

    @Test(arguments: setups.dropLast())
    func theNextSupervisorSeesIt(_ setup: SteeringSetup) throws {
        let group = try group(setup)
        try group.steering.steerNewFlows(to: [0, 1], canary: canary(25))
        let before = try clients(group, of: 0..<1000)
        try group.takeOver()
        #expect(
            group.steering.steeredShare == SteeredShare(slots: [2, 3], millionths: 250_000))
        #expect(group.steering.chosenSlots == [0, 1])
        // Many changes write over what is not in use alone.
        for _ in 0..<20 {
            try group.steering.steerNewFlows(to: [0, 1], canary: canary(25))
        }
        #expect(try clients(group, of: 0..<1000) == before)
    }

    @Test func sharesAreReadBackAsTheyWereWritten() throws {
        let group = try group(Self.setups[2])
        for millionths in [1, 2, 3, 333_333, 999_998, 999_999] {
            let canary = SteeringCanary(slots: [2], millionths: millionths, key: 1)
            try group.steering.steerNewFlows(to: [0], canary: canary)
            #expect(group.steering.steeredShare?.millionths == millionths)
        }
    }
}
