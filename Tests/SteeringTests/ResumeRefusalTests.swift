import Kernel
import SteeringABI
import SystemPackage
import TestKit
import Testing

@testable import Steering

@Suite(.enabled(if: Privilege.hasBPF, "needs CAP_BPF"), .leavesNoDescriptors)
struct ResumeRefusalTests {
    private func legacy(
        _ mode: SteeringMode = .flow, balance: Balance? = nil, slots: Int = 2
    ) throws -> Legacy {
        let setup = SteeringSetup(mode: mode, transport: .udp, maxFlows: 1000, balance: balance)
        return try Legacy(of: SteeredGroup(setup, slots: slots).steering)
    }

    private func expectRefusal(_ legacy: Legacy, saying words: String) {
        let error = #expect(throws: SteeringError.self) { try legacy.resumed() }
        let text = error?.description ?? ""
        #expect(text.contains(words))
        #expect(!text.contains("\n"))
    }

    // With ids and placement by load there are all parts.
    // A program of a supervisor that told nobody's peers has no ring for them.
    @Test(arguments: SteeringPart.allCases.filter { $0 != .peers })
    func aMissingPartIsNamed(part: SteeringPart) throws {
        let legacy = try legacy(.quic, balance: .load)
        legacy.kept[part] = nil
        expectRefusal(legacy, saying: "\(part) is missing")
    }

    @Test(arguments: SteeringPart.allCases)
    func whatIsNoneOfOursIsRefused(part: SteeringPart) throws {
        let legacy = try legacy(.quic, balance: .load)
        let file = try MemoryFile(named: "other")
        legacy.kept[part] = Legacy.Kept(file.intoDescriptor())
        expectRefusal(legacy, saying: "\(part)")
    }

    @Test(arguments: SteeringPart.allCases, SteeringPart.allCases)
    func partsInEachOthersPlaceAreRefused(part: SteeringPart, other: SteeringPart) throws {
        if part == other { return }
        let legacy = try legacy(.quic, balance: .load)
        legacy.kept[part] = legacy.kept[other]
        expectRefusal(legacy, saying: "the steering's ")
    }

    @Test(arguments: SteeringPart.allCases)
    func aPartOfAnotherListenersSteeringIsRefused(part: SteeringPart) throws {
        let (legacy, other) = (
            try legacy(.quic, balance: .load), try self.legacy(.quic, balance: .load)
        )
        legacy.kept[part] = other.kept[part]
        expectRefusal(legacy, saying: "the steering's program is not the one")
    }

    @Test func aMemoThatDoesNotFitTheMapsIsRefused() throws {
        let legacy = try legacy()
        let memo = legacy.memo
        legacy.memo.setup.maxFlows = 1_000_000
        expectRefusal(legacy, saying: "flows is another map")
        legacy.memo = memo
        legacy.memo.setup.slotCapacity = 8
        expectRefusal(legacy, saying: "sockets is another map")
        legacy.memo.setup.slotCapacity = -1
        expectRefusal(legacy, saying: "-1 slots")
        legacy.memo = memo
        legacy.memo.machine = .program(function: "future")
        expectRefusal(legacy, saying: "\"future\"")
        legacy.memo = memo
        legacy.memo.layout = 99
        expectRefusal(legacy, saying: "layout 99")
        legacy.memo = memo
        #expect(throws: Never.self) { try legacy.resumed() }
    }

    @Test func aDamagedStateIsRefused() throws {
        for damage in Self.damages {
            let legacy = try legacy()
            let table = try #require(legacy.kept[.table])
            damage(try TableState(of: table.descriptor))
            expectRefusal(legacy, saying: "the steering's state is ")
        }
    }

    private static let damages: [@Sendable (TableState) -> Void] = [
        { $0.region = TableRegion(bits: 30) },
        { $0.region = TableRegion(bits: 12, leaving: [63]) },
        { $0.open(9, in: Seat(member: 1, slot: 512)) },
        { $0.open(9, in: Seat(member: 1, slot: 1)) },
        {
            $0.prepare(
                key: (1, 2), shape: TableShape(maxFlows: 1_000_000),
                ticks: Ticks(idleTimeout: .seconds(60), clockStep: .zero))
        },
        {
            $0.prepare(
                key: (1, 2), shape: TableShape(maxFlows: 1000),
                ticks: Ticks(
                    freshShift: 20, shift: 64, idle: 1, freshIdle: 1, refresh: 1, confirm: 1))
        },
    ]

    #if DEBUG
        @Test func whateverFailsWhileTakingOverLeavesNothingOpen() throws {
            let setup = SteeringSetup(
                mode: .flow, transport: .udp, maxFlows: 1000, slotCapacity: 8)
            let legacy = try Legacy(of: SteeredGroup(setup, slots: 2).steering)
            var number = 1
            while try FaultPlan.failing(call: number, with: .noMemory, { _ = try legacy.resumed() })
            {
                number += 1
            }
            #expect(number > 8)
        }
    #endif
}
