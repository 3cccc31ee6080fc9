import HandoverCore
import Kernel
import ServiceCore
import Testing

@testable import Supervisor

@Suite struct WorkerUsesTests {
    private func ids(_ count: Int) -> [WorkerID] {
        (0..<count).map { WorkerID(GenerationID(1), $0) }
    }

    private let use = ProcessUse(processorTime: .seconds(1), residentBytes: 1)

    @Test func moreThanOneAnswerHoldsHaveTheirTurnsOneAfterTheOther() {
        var uses = WorkerUses()
        let all = ids(WorkerUses.mostAtOnce * 2 + 1)
        var seen: [WorkerID] = []
        for second in 1...3 {
            var looks = 0
            let found = uses.now(all, at: .seconds(second)) { _ in
                looks += 1
                return use
            }
            #expect(looks == WorkerUses.mostAtOnce && found.count == looks)
            seen += found.keys
        }
        #expect(Set(seen).count == all.count)
    }

    @Test func whoAsksAgainAtOnceHasNobodyLookedAt() {
        var uses = WorkerUses()
        var looks = 0
        for milliseconds in [1000, 1050, 1099, 1100] {
            let found = uses.now(ids(2), at: .milliseconds(milliseconds)) { _ in
                looks += 1
                return use
            }
            #expect(found.count == 2)
        }
        #expect(looks == 4)
    }

    @Test func oneThatCannotBeLookedAtHasNoFigures() {
        var uses = WorkerUses()
        let all = ids(2)
        let found = uses.now(all, at: .seconds(1)) { $0 == all[0] ? nil : use }
        #expect(found == [all[1]: use])
    }
}
