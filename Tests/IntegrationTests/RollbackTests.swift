import ControlProtocol
import Kernel
import TestKit
import Testing

extension Promises {
    @Suite struct Rollback {
        @Test func duringTheDrainMakesTheOldGenerationCurrentAndDrainsTheNewOne() throws {
            let service = try Service.current(quick, command: try echo())
            let old = try service.load(lastingFlows)
            #expect(try service.upgrade(to: try echo("--summary")))
            let new = try service.load(lastingFlows)
            let rollback = try service.relevo("rollback")
            #expect(rollback.succeeded, "\(rollback)")
            let status = try service.status()
            #expect(status.current == 1)
            #expect(status.generations.map(\.state) == [.current, .draining])
            #expect(status.generations.map(\.flows) == [50, 50])
            let probe = try service.probe()
            #expect(probe.isAnswered(by: 1), "\(probe)")
            let stayed = try new.stopped()
            #expect(stayed.isAnswered(by: 2), "\(stayed)")
            #expect(try service.ended(2))
            #expect(try service.status().lastHandover?.result == .rolledBack)
            #expect(try service.status().lastHandover?.cutFlows == 0)
            let result = try old.stopped()
            #expect(result.isAnswered(by: 1), "\(result)")
        }

        @Test func thatIsWaitedForUntilTheNewGenerationHasDrainedHasDoneWhatWasAsked() throws {
            let service = try Service.current(quick, command: try echo())
            let old = try service.load(lastingFlows)
            #expect(try service.upgrade(to: try echo("--summary")))
            let rollback = try service.relevo("rollback", "--wait", "drained", "--json")
            #expect(rollback.succeeded, "\(rollback)")
            #expect(rollback.text.contains("\"result\": \"rolledBack\""), "\(rollback)")
            #expect(try service.status().current == 1)
            #expect(try service.ended(2))
            #expect(try old.stopped().isAnswered(by: 1))
        }

        @Test func doesNotGoToAnOlderGenerationThatDrainsForLonger() throws {
            let service = try Service.current(quick, command: try echo())
            let old = try service.load(lastingFlows)
            #expect(try service.upgrade(to: try echo("--summary")))
            #expect(try service.upgrade(to: try echo()))
            #expect(try service.eventually(2) { $0.state == .stopped })
            #expect(try service.status().generations.map(\.state).contains(.draining))
            let rollback = try service.relevo("rollback")
            #expect(rollback.succeeded, "\(rollback)")
            let status = try service.status()
            #expect(status.current == 4)
            #expect(status.generations.last?.command.contains("--summary") == true)
            #expect(try old.stopped().isAnswered(by: 1))
        }

        @Test func canItselfBeTakenBack() throws {
            let service = try Service.current(quick, command: try echo())
            let old = try service.load(lastingFlows)
            #expect(try service.upgrade())
            let new = try service.load(lastingFlows)
            #expect(try service.relevo("rollback").succeeded)
            #expect(try service.status().current == 1)
            #expect(try service.relevo("rollback").succeeded)
            #expect(try service.status().current == 2)
            #expect(try service.probe().isAnswered(by: 2))
            #expect(try old.stopped().isAnswered(by: 1))
            #expect(try new.stopped().isAnswered(by: 2))
            #expect(try service.ended(1))
            #expect(try service.status().lastHandover?.result == .completed)
        }

        @Test func afterTheDrainStartsThePreviousCommandAsAnUpgrade() throws {
            let service = try Service.current(quick, command: try echo())
            let load = try service.load(changingFlows)
            #expect(try service.upgrade("--wait", "drained", to: try echo("--summary")))
            #expect(try service.ended(1))
            #expect(try service.relevo("rollback", "--wait", "drained").succeeded)
            let result = try load.stopped()
            #expect(result.isAnswered(by: 1, 2, 3), "\(result)")
            let status = try service.status()
            #expect(status.current == 3)
            #expect(status.generations.last?.command.contains("--summary") == false)
        }

        @Test func fromAVersionThatHangsCountsWhatItDidNotAnswer() throws {
            let service = try Service.current(
                quick + ["--stop-timeout", "500ms"], command: try echo())
            let old = try service.load(lastingFlows)
            #expect(try service.upgrade(to: try echo("--hang")))
            let unlucky = try Load(
                to: address,
                ["--flows", "20", "--rate", "1000", "--duration", "500ms", "--timeout", "100ms"]
            ).result()
            #expect(unlucky.sent > 0 && unlucky.answered == 0)
            #expect(try service.relevo("rollback").succeeded)
            #expect(try service.probe().isAnswered(by: 1))
            #expect(try service.ended(2))
            let handover = try #require(try service.status().lastHandover)
            #expect(handover.result == .rolledBack)
            #expect(handover.drops == unlucky.sent)
            let result = try old.stopped()
            #expect(result.isAnswered(by: 1), "\(result)")
        }

        @Test func hasNothingToGoBackToBeforeTheFirstUpgrade() throws {
            let service = try Service.current(quick, command: try echo())
            let rollback = try service.relevo("rollback")
            #expect(rollback.failed(1, saying: "no earlier generation"), "\(rollback)")
            #expect(try service.probe().isAnswered(by: 1))
        }
    }
}
