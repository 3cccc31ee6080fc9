import Kernel
import TestKit
import Testing

@testable import Steering

/// Another idle time while flows are there.
@Suite(.enabled(if: Privilege.hasBPF, "needs CAP_BPF"), .leavesNoDescriptors, .serialized)
struct IdleTimeTests {
    private let flows = 0..<50

    private func setup(_ idleTimeout: Duration) -> SteeringSetup {
        SteeringSetup(mode: .flow, transport: .udp, maxFlows: 1000, idleTimeout: idleTimeout)
    }

    /// Lets some time pass, in which something is done over and over.
    private func pass(_ time: Duration, _ body: () throws -> Void) throws {
        let end = MonotonicClock.now() + time
        repeat { try body() } while MonotonicClock.now() < end
    }

    @Test func flowsThatAreThereLastLongerFromNowOn() throws {
        let tables = SteeringTables()
        let group = try SteeredGroup(setup(.milliseconds(400)), slots: 2, tables: tables)
        try group.steering.steerNewFlows(to: [0])
        _ = try group.slots(of: flows)
        _ = try group.slots(of: flows)
        try group.steering.steerNewFlows(to: [1])
        #expect(!group.steering.canHonour(idleTimeout: .seconds(60)))
        group.steering.honour(idleTimeout: .seconds(10), in: tables)
        try pass(.seconds(1)) { group.steering.tend() }
        #expect(group.steering.liveFlows == flows.count)
        #expect(Set(try group.slots(of: flows).values) == [0])
    }

    @Test func aShorterTimeEndsThoseThatAreSilentAndNoneThatGoesOn() throws {
        let tables = SteeringTables()
        let group = try SteeredGroup(setup(.seconds(60)), slots: 2, tables: tables)
        try group.steering.steerNewFlows(to: [0])
        let silent = 100..<200
        for _ in 0..<2 { _ = try group.slots(of: flows.lowerBound..<silent.upperBound) }
        try group.steering.steerNewFlows(to: [1])
        // The entries tell times of up to a second ago of those that go on.
        try pass(.milliseconds(600)) { _ = try group.slots(of: flows) }
        group.steering.honour(idleTimeout: .seconds(1), in: tables)
        try pass(.seconds(3)) {
            let slots = try group.slots(of: flows)
            #expect(Set(slots.values) == [0])
            group.steering.tend()
        }
        #expect(group.steering.countFlows()[0]?.live == flows.count)
        #expect(Set(try group.slots(of: silent).values) == [1])
        try pass(.seconds(2)) { group.steering.tend() }
        #expect(group.steering.liveFlows == 0)
    }

    @Test func aListenerThatComesAndWantsTheSameSharesTheTable() throws {
        let tables = SteeringTables()
        let one = try Steering(setup(.seconds(60)), tables: tables)
        let two = try Steering(setup(.seconds(60)), tables: tables)
        #expect(one.table == two.table)
        for steering in [one, two] { steering.honour(idleTimeout: .seconds(90), in: tables) }
        let same = try Steering(setup(.seconds(90)), tables: tables)
        let former = try Steering(setup(.seconds(60)), tables: tables)
        #expect(same.table == one.table)
        #expect(former.table != one.table)
        #expect(one.setup.idleTimeout == .seconds(90))
    }

    @Test func theNextSupervisorGoesByWhatWasWrittenDown() throws {
        let tables = SteeringTables()
        let group = try SteeredGroup(setup(.milliseconds(400)), slots: 2, tables: tables)
        try group.steering.steerNewFlows(to: [0])
        for _ in 0..<2 { _ = try group.slots(of: flows) }
        try group.steering.steerNewFlows(to: [1])
        // One that was killed before it had written down the longer time.
        let legacy = try Legacy(of: group.steering)
        let memo = legacy.memo
        group.steering.honour(idleTimeout: .seconds(10), in: tables)
        legacy.memo = group.steering.memo
        try group.takeOver(legacy)
        try pass(.seconds(1)) { group.steering.tend() }
        #expect(Set(try group.slots(of: flows).values) == [0])
        let again = try Legacy(of: group.steering)
        again.memo = memo
        try group.takeOver(again)
        try pass(.seconds(2)) { group.steering.tend() }
        #expect(group.steering.liveFlows == 0)
    }
}
