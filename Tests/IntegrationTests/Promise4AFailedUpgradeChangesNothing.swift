import ControlProtocol
import Kernel
import TestKit
import Testing

extension Promises {
    @Suite struct Promise4AFailedUpgradeChangesNothing {
        /// A version that does not get to serve, and what the operator is told of it.
        struct BadVersion: CustomTestStringConvertible, Sendable {
            let testDescription: String
            let command: [String]
            let reason: String
            var output: String?
        }

        static var badVersions: [BadVersion] {
            get throws {
                [
                    BadVersion(
                        testDescription: "ends at once", command: try echo("--exit-at-once", "3"),
                        reason: "exited with status 3 before its generation was ready"),
                    BadVersion(
                        testDescription: "ends with a complaint",
                        command: ["sh", "-c", "echo line 7 of the settings is bad >&2; exit 2"],
                        reason: "exited with status 2",
                        output: "line 7 of the settings is bad"),
                    BadVersion(
                        testDescription: "never gets ready", command: try echo("--never-ready"),
                        reason: "was not ready in time"),
                    BadVersion(
                        testDescription: "hangs before it is ready",
                        command: ["sh", "-c", "trap '' TERM; while :; do sleep 0.1; done"],
                        reason: "was not ready in time"),
                    BadVersion(
                        testDescription: "ignores its sockets",
                        command: try echo("--ignore-sockets"), reason: "it waits on no socket"),
                    BadVersion(
                        testDescription: "is not there", command: ["/no/such/server"],
                        reason: "No such file or directory"),
                    BadVersion(
                        testDescription: "cannot be executed", command: ["/etc/passwd"],
                        reason: "Permission denied"),
                ]
            }
        }

        @Test(arguments: try badVersions) func ofAVersionThat(_ version: BadVersion) throws {
            let service = try Service.current(
                quick + ["--ready-timeout", "1s", "--stop-timeout", "500ms", "--workers", "2"],
                command: try echo())
            let before = try service.status()
            let load = try service.load(changingFlows)
            let upgrade = try service.upgrading(to: version.command)
            #expect(upgrade.failed(1, saying: version.reason), "\(upgrade)")
            if let output = version.output { #expect(upgrade.text.contains(output)) }
            #expect(try service.receives(200))
            let result = try load.stopped()
            #expect(result.isAnswered(by: 1), "\(result)")
            let after = try service.status()
            #expect(after.current == 1)
            #expect(
                after.generations.first?.withoutUses
                    == before.generations.first.map { now in
                        var now = now.withoutUses
                        now.flows = after.generations.first?.flows ?? 0
                        return now
                    })
            #expect(after.handover == nil)
            #expect(after.lastHandover?.result == .failed)
            #expect(after.lastHandover?.reason?.contains(version.reason) ?? false)
            #expect(try service.upgrade(), "the next one is not hindered")
        }

        @Test func whenAnotherOneIsUnderWay() throws {
            let hold = try Hold()
            let service = try Service.current(quick + hold.options(), command: try echo())
            try hold.set()
            let first = try service.starting("upgrade")
            #expect(try service.line(with: "worker 2.0 started") != nil)
            let second = try service.upgrading(to: [])
            #expect(second.failed(1, saying: "generation 2 is still starting"), "\(second)")
            try hold.release()
            #expect(try first.exit() == .code(0))
            #expect(try service.status().current == 2)
            #expect(try service.status().generations.count == 2)
        }

        @Test func thatIsCancelledByARollback() throws {
            let hold = try Hold()
            let service = try Service.current(quick + hold.options(), command: try echo())
            try hold.set()
            let load = try service.load(lastingFlows)
            let upgrade = try service.starting("upgrade")
            #expect(try service.line(with: "worker 2.0 started") != nil)
            #expect(try service.relevo("rollback").succeeded)
            let finished = try upgrade.finished()
            #expect(finished.failed(1, saying: "cancelled by rollback"), "\(finished)")
            let result = try load.stopped()
            #expect(result.isAnswered(by: 1), "\(result)")
            #expect(try service.status().current == 1)
        }

        @Test func thatCrashesASecondAfterTheFlipAgainAndAgain() throws {
            let service = try Service.current(quick, command: try echo())
            let old = try service.load(lastingFlows)
            #expect(try service.upgrade(to: try echo("--crash-after", "1s")))
            let new = try service.load(
                changingFlows + ["--expect-restart", "--expect-move", "--expect-rollback"])
            #expect(
                try service.line(
                    with: "generation 1 is current again: generation 2 crashed 3 times")
                    != nil)
            #expect(try service.ended(2))
            let status = try service.status()
            #expect(status.current == 1)
            let handover = try #require(status.lastHandover)
            #expect(handover.result == .rolledBack)
            #expect(handover.from == 1 && handover.to == 2)
            let probe = try service.probe()
            #expect(probe.isAnswered(by: 1), "\(probe)")
            let result = try old.stopped()
            #expect(result.isAnswered(by: 1), "flows of the old generation: \(result)")
            let others = try new.stopped()
            #expect(others.answeringGenerations == [1, 2])
            #expect(others.refused == 0)
            #expect(others.lost <= handover.drops, "what is lost is counted: \(others)")
        }
    }
}
