import TestSeeds
import Testing

@testable import HandoverCore

/// What a crew keeps count of is what counting its workers anew shows.
@Suite struct CrewTests {
    private func state(_ random: inout SeededGenerator) -> WorkerState {
        let time = Instant(sinceStart: .seconds(Int.random(in: 1...4, using: &random)))
        switch Int.random(in: 0...7, using: &random) {
        case 0: return .waiting
        case 1: return .spawning(Limit(time))
        case 2: return .starting(Limit(time))
        case 3: return .ready(since: time, drained: Bool.random(using: &random))
        case 4: return .backingOff(until: time)
        case 5: return .stopping(Limit(time))
        case 6: return .killed
        default: return .gone
        }
    }

    @Test(arguments: [1, 2, 9]) func countsAreKeptWithEachChange(workers: Int) {
        var random = SeededGenerator(seed: UInt64(workers))
        var crew = Crew((0..<workers).map { Worker(index: $0) })
        for _ in 0..<5000 {
            let index = Int.random(in: 0..<workers, using: &random)
            if Bool.random(using: &random) {
                crew[index].state = state(&random)
            } else {
                crew[index].sessions = [nil, 0, 1, 5].randomElement(using: &random) ?? nil
            }
            let anew = Crew(Array(crew))
            #expect(crew.ready == crew.filter(\.isReady).map(\.index))
            #expect(crew.earliestDeadline == crew.compactMap(\.deadline).min())
            #expect(crew.isWhole == crew.allSatisfy(\.isReady))
            #expect(crew.isDeserted == crew.allSatisfy { $0.state == .gone })
            #expect(crew.isSpawning == crew.contains(where: \.isSpawning))
            #expect(crew.isDrained == crew.allSatisfy { $0.state == .gone || $0.isDrained })
            let told = crew.filter(\.holdsSessions).reduce(0) { $0 + ($1.sessions ?? 0) }
            #expect(crew.sessions == told)
            #expect(crew.sessions == anew.sessions)
            #expect(crew == anew)
        }
    }

    @Test func changesAreToldOnce() {
        var crew = Crew((0..<3).map { Worker(index: $0) })
        #expect(crew.takeChanged() == [0, 1, 2])
        #expect(crew.takeChanged() == [])
        crew[1].sessions = 4
        #expect(crew.takeChanged() == [1])
        #expect(crew.takeChanged() == [])
    }
}
