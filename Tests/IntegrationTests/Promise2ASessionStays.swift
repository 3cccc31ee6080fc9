import ControlProtocol
import Kernel
import TestKit
import Testing

extension Promises {
    @Suite struct Promise2ASessionStays {
        @Test func withItsProcessForAsLongAsItLives() throws {
            let service = try Service.current(quick + ["--workers", "2"], command: try echo())
            let old = try service.load(lastingFlows)
            #expect(try service.upgrade())
            let new = try service.load(lastingFlows)
            // Twice the idle timeout later the old flows still are where they were.
            #expect(try service.receives(4000))
            #expect(try service.generation(1)?.flows == 50)
            #expect(try service.generation(1)?.state == .draining)
            let result = try old.stopped()
            #expect(result.isAnswered(by: 1), "\(result)")
            #expect(try service.ended(1))
            let handover = try #require(try service.status().lastHandover)
            #expect(handover.cutFlows == 0)
            #expect(handover.result == .completed)
            #expect(handover.phases.drain ?? 0 >= 1, "an idle flow is waited for until its timeout")
            let others = try new.stopped()
            #expect(others.isAnswered(by: 2), "\(others)")
        }

        @Test func untilTheDrainDeadlineWhichCutsItAndCounts() throws {
            let service = try Service.current(
                quick + ["--drain-timeout", "1s"], command: try echo())
            let load = try service.load(lastingFlows + ["--expect-move"])
            #expect(try service.upgrade("--wait", "drained"))
            let handover = try #require(try service.status().lastHandover)
            #expect(handover.cutFlows == 50)
            #expect(handover.phases.drain ?? 0 >= 1)
            #expect(handover.phases.drain ?? 60 < 10)
            #expect(try service.receives(200))
            let result = try load.stopped()
            #expect(result.isAnswered(by: 1, 2), "\(result)")
            #expect(result.moved >= 50)
        }

        @Test func whileSeveralGenerationsDrainAtOnce() throws {
            let service = try Service.current(quick, command: try echo())
            var loads = [try service.load(lastingFlows)]
            for _ in 2...4 {
                #expect(try service.upgrade())
                loads.append(try service.load(lastingFlows))
            }
            let states = try service.status().generations.map(\.state)
            #expect(states == [.draining, .draining, .draining, .current])
            #expect(try service.status().generations.map(\.flows) == [50, 50, 50, 50])
            for (index, load) in loads.enumerated() {
                let result = try load.stopped()
                #expect(result.isAnswered(by: index + 1), "\(result)")
            }
            for generation in 1...3 { #expect(try service.ended(generation)) }
            #expect(try service.status().current == 4)
        }

        @Test func untilAnOperatorShortensTheDrain() throws {
            let service = try Service.current(quick, command: try echo())
            let load = try service.load(lastingFlows + ["--expect-move"])
            #expect(try service.upgrade())
            #expect(try service.generation(1)?.state == .draining)
            #expect(try service.relevo("drain", "--timeout", "0").succeeded)
            #expect(try service.ended(1))
            #expect(try service.status().lastHandover?.cutFlows == 50)
            let result = try load.stopped()
            #expect(result.isAnswered(by: 1, 2), "\(result)")
        }
    }
}
