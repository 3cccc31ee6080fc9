import Kernel
import TestKit
import Testing

@testable import Steering

/// The supervisor died between two stores of an operation, and the next one does it again.
@Suite(.enabled(if: Privilege.hasBPF, "needs CAP_BPF"), .leavesNoDescriptors)
struct CutShortTests {
    private let flows = 0..<200

    /// A group whose flows are all pinned to slot 0, and the state that the program sees.
    private func scene(slots: Int = 3) throws -> (SteeredGroup, ProgramState, TableState) {
        let group = try SteeredGroup(slots: slots)
        try group.steering.steerNewFlows(to: [0])
        _ = try group.slots(of: flows)
        let legacy = try Legacy(of: group.steering)
        return (
            group, try ProgramState(of: try #require(legacy.kept[.steering]).descriptor),
            try TableState(of: try #require(legacy.kept[.table]).descriptor)
        )
    }

    @Test func aSocketInTheArrayWithoutAPlacementIsPlacedAgain() throws {
        let (group, _, table) = try scene()
        let open = try table.openPlacements()
        for (number, seat) in open where seat.slot == 2 { table.close(number) }
        try group.takeOver()
        try group.steering.steerNewFlows(to: [2])
        #expect(Set(try group.slots(of: 1000..<1200).values) == [2])
        #expect(Set(try group.slots(of: flows).values) == [0])
    }

    @Test func aFlipBeforeItsOneStoreHasNotHappened() throws {
        let (group, state, table) = try scene()
        let open = try table.openPlacements()
        let wanted = open.filter { $0.value.slot != 0 }.keys.sorted()
        state.write(choice: state.currentChoice + 1, placements: wanted)
        try group.takeOver()
        #expect(Set(try group.slots(of: 1000..<1200).values) == [0])
        try group.steering.steerNewFlows(to: [1, 2])
        #expect(Set(try group.slots(of: 2000..<2200).values) == [1, 2])
        #expect(Set(try group.slots(of: flows).values) == [0])
    }

    @Test func aResteerOfSomeSlotsIsFinishedByDoingItAgain() throws {
        let (group, _, table) = try scene(slots: 4)
        try group.steering.steerNewFlows(to: [0, 1])
        try group.flood(1000..<1200)
        try group.steering.steerNewFlows(to: [3])
        let open = try table.openPlacements()
        for (number, seat) in open where seat.slot == 0 { table.close(number) }
        try group.takeOver()
        try group.steering.resteer(slots: [0, 1])
        #expect(Set(try group.slots(of: flows).values) == [3])
        #expect(Set(try group.slots(of: 1000..<1200).values) == [3])
    }

    @Test func aReleaseThatOnlyClosedThePlacementIsFinishedByDoingItAgain() throws {
        let (group, _, table) = try scene()
        let open = try table.openPlacements()
        for (number, seat) in open where seat.slot == 2 { table.close(number) }
        try group.takeOver(Legacy(of: group.steering))
        try group.steering.release(2)
        let third = try #require(group.members[2])
        // Only a socket that is in no slot can be placed.
        try group.steering.place(third.socket, at: 1)
    }
}
