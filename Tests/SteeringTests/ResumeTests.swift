import Kernel
import Steering
import TestKit
import Testing

@Suite(.enabled(if: Privilege.hasBPF, "needs CAP_BPF"), .leavesNoDescriptors)
struct ResumeTests {
    private let flows = 0..<200

    @Test func flowsAndCountersGoOnUnderTheNextSupervisor() throws {
        let group = try SteeredGroup(slots: 4)
        try group.steering.steerNewFlows(to: [0, 1])
        let before = try group.slots(of: flows)
        try group.steering.steerNewFlows(to: [2, 3])
        let counters = group.steering.counters()
        // Not how many are recent: that ends by itself while this goes on.
        let counted = group.steering.countFlows().mapValues(\.live)
        try group.takeOver()
        #expect(group.steering.counters() == counters)
        #expect(group.steering.countFlows().mapValues(\.live) == counted)
        #expect(try group.slots(of: flows) == before)
        #expect(Set(try group.slots(of: 1000..<1200).values) == [2, 3])
        #expect(group.steering.counters().newFlows == counters.newFlows + 200)
        #expect(group.steering.counters().fallback == 0)
    }

    @Test func flipAndResteerWorkAfterResumeAsBefore() throws {
        let group = try SteeredGroup(slots: 4)
        try group.steering.steerNewFlows(to: [0])
        _ = try group.slots(of: flows)
        try group.takeOver()
        try group.steering.steerNewFlows(to: [1])
        #expect(Set(try group.slots(of: 1000..<1200).values) == [1])
        #expect(Set(try group.slots(of: flows).values) == [0])
        try group.takeOver()
        try group.steering.resteer(slots: [0])
        #expect(Set(try group.slots(of: flows).values) == [1])
        try group.grow()
        try group.steering.steerNewFlows(to: [4])
        #expect(Set(try group.slots(of: 2000..<2200).values) == [4])
        try group.steering.release(0)
        group.close(0)
        #expect(Set(try group.slots(of: flows).values) == [1])
    }

    @Test func noCapabilityIsNeededToGoOn() throws {
        let group = try SteeredGroup(slots: 3)
        try group.steering.steerNewFlows(to: [0])
        let before = try group.slots(of: flows)
        try Capabilities.keepInThread([])
        try group.takeOver()
        let first = try #require(group.members[0])
        try group.steering.attach(to: first.socket)
        #expect(try group.slots(of: flows) == before)
        try group.grow()
        try group.steering.steerNewFlows(to: [3])
        #expect(try group.slots(of: flows) == before)
        try group.steering.release(2)
        try group.steering.resteer(slots: [0])
        #expect(Set(try group.slots(of: flows).values) == [3])
    }

    @Test func everyOperationMayBeDoneAgain() throws {
        let group = try SteeredGroup(slots: 3)
        func twice(_ operation: () throws -> Void) throws {
            try operation()
            try operation()
            try group.takeOver()
            try operation()
        }
        try twice { try group.steering.steerNewFlows(to: [0, 1]) }
        let before = try group.slots(of: flows)
        for (slot, member) in group.members.enumerated() {
            let socket = try #require(member)
            try twice { try group.steering.place(socket.socket, at: slot) }
        }
        #expect(try group.slots(of: flows) == before)
        try twice { try group.steering.steerNewFlows(to: [2]) }
        #expect(try group.slots(of: flows) == before)
        try twice { try group.steering.resteer(slots: [0]) }
        let after = try group.slots(of: flows)
        #expect(after == before.mapValues { $0 == 0 ? 2 : $0 })
        try twice { try group.steering.release(1) }
        #expect(Set(try group.slots(of: flows).values) == [2])
        #expect(group.steering.liveFlows == flows.count)
    }

    @Test func flowsWaitForASlotThatHasLostItsSocket() throws {
        let group = try SteeredGroup(slots: 2)
        try group.steering.steerNewFlows(to: [1])
        _ = try group.slots(of: flows)
        try group.steering.steerNewFlows(to: [0])
        try group.replace(1)
        try group.takeOver()
        #expect(Set(try group.slots(of: flows).values) == [1])
    }

    @Test func aSocketThatTakesAnothersPlaceHasNoneOfItsFlows() throws {
        let group = try SteeredGroup(slots: 3)
        try group.steering.steerNewFlows(to: [1])
        _ = try group.slots(of: flows)
        try group.steering.steerNewFlows(to: [0])
        let other = try #require(group.members[2])
        try group.steering.release(2)
        try group.takeOver(Legacy(of: group.steering))
        try group.steering.place(other.socket, at: 1)
        #expect(Set(try group.slots(of: flows).values) == [0])
    }

    @Test func whatNobodyUsesAnyMoreIsReleased() throws {
        let group = try SteeredGroup(slots: 4)
        try group.steering.steerNewFlows(to: [3])
        _ = try group.slots(of: flows)
        try group.steering.steerNewFlows(to: [0])
        group.close(2)
        try group.takeOver(Legacy(of: group.steering))
        try group.steering.release(allBut: [0, 1])
        #expect(Set(group.steering.countFlows().keys) == [0, 1])
        #expect(Set(try group.slots(of: flows).values) == [0])
    }

    @Test func thousandsOfGenerationsOverManySupervisorsNeverInheritAFlow() throws {
        let group = try SteeredGroup(slots: 2)
        for generation in 0..<1100 {
            try group.steering.steerNewFlows(to: [1])
            #expect(try group.slots(of: [7]) == [7: 1])
            if generation % 31 == 0 { try group.takeOver() }
            try group.steering.steerNewFlows(to: [0])
            #expect(try group.slots(of: [7]) == [7: 1])
            try group.steering.resteer(slots: [1])
            if generation % 40 == 0 { try group.takeOver() }
            #expect(try group.slots(of: [7]) == [7: 0])
            try group.steering.resteer(slots: [0])
        }
    }

    @Test func aClosedPlacementThatIsStillChosenIsNotGivenToAnotherSlot() throws {
        let group = try SteeredGroup(slots: 1)
        try group.steering.steerNewFlows(to: [0])
        try group.steering.resteer(slots: [0])
        try group.takeOver(Legacy(of: group.steering))
        group.steering.sweep()
        try group.grow()
        try group.flood(flows)
        #expect(group.steering.counters().newFlows == 0)
        try group.steering.steerNewFlows(to: [1])
        #expect(Set(try group.slots(of: flows).values) == [1])
    }

    @Test func noFlowIsLostWhenSupervisorsFollowEachOtherWhileTheTableGrows() throws {
        let setup = SteeringSetup(
            mode: .flow, transport: .udp, maxFlows: 100_000, idleTimeout: .seconds(600))
        let group = try SteeredGroup(setup, slots: 2)
        try group.steering.steerNewFlows(to: [0])
        try group.flood(0..<20_000)
        try group.steering.steerNewFlows(to: [1])
        for supervisor in 0..<12 {
            try group.takeOver()
            group.steering.sweep()
            if supervisor % 3 != 0 {
                try pause(for: group.steering.sweepInterval)
                group.steering.sweep()
            }
            #expect(group.steering.liveFlows == 20_000)
            let slots = try group.slots(of: 0..<2000)
            #expect(slots.count == 2000 && Set(slots.values) == [0])
        }
        let settled = try eventually {
            group.steering.sweep()
            return group.steering.tableBytesInUse > 4096 * 64 && group.steering.isSettled
        }
        #expect(settled)
        for start in stride(from: 0, to: 20_000, by: 2000) {
            #expect(Set(try group.slots(of: start..<(start + 2000)).values) == [0])
        }
        #expect(group.steering.counters().newFlows == 20_000)
    }

    private func pause(for time: Duration) throws {
        let timer = try TimerDescriptor()
        try timer.set(to: MonotonicClock.now() + time)
        _ = try timer.wait(for: .readable, within: .seconds(5))
    }

    @Test func statelessSteeringGoesOn() throws {
        let setup = SteeringSetup(mode: .stateless, transport: .udp)
        let group = try SteeredGroup(setup, slots: 4)
        try group.steering.steerNewFlows(to: [0, 1])
        let before = try group.slots(of: flows)
        let kind = group.steering.kindDescription
        try group.takeOver()
        #expect(group.steering.kindDescription == kind)
        #expect(try group.slots(of: flows) == before)
        try group.steering.steerNewFlows(to: [2, 3])
        #expect(Set(try group.slots(of: flows).values) == [2, 3])
        #expect(group.steering.counters().datagrams == 600)
    }
}
