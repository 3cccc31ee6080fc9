import ControlProtocol
import Kernel
import TestKit
import Testing

/// An upgrade that a share of the clients gets first.
@Suite(.ownNetwork) struct CanaryTests {
    /// New flows go to either version, so that an older one answers some that were opened later.
    private static let clients = changingFlows + ["--expect-rollback"]

    private func share(_ service: Service) throws -> Double? {
        try service.status().generations.last?.canary?.share
    }

    private func isTriedOut(_ service: Service, _ share: Double) throws -> Bool {
        try service.eventually {
            $0.generations.last?.canary?.share == share && $0.generations.last?.state == .canary
        }
    }

    @Test func theStepsGoOnByThemselvesAndNothingIsLost() throws {
        let service = try Service.current(quick, command: try echo())
        let load = try service.load(Self.clients)
        let upgrade = try service.relevo(
            ["upgrade", "--canary", "10%,50%", "--step", "300ms", "--"] + (try echo("--summary")))
        #expect(upgrade.succeeded, "\(upgrade)")
        #expect(
            upgrade.output.contains { $0.contains("gets the new flows of 10% of the clients") },
            "\(upgrade.output)")
        #expect(try service.status().current == 2)
        #expect(try service.ended(1))
        let result = try load.stopped()
        #expect(result.isAnswered(by: 1, 2), "\(result)")
        let handover = try #require(try service.status().lastHandover)
        #expect(handover.result == .completed && handover.cutFlows == 0 && handover.drops == 0)
        #expect(handover.phases.canary ?? 0 >= 0.6, "\(handover)")
    }

    @Test func aStepWithoutATimeWaitsToBePromoted() throws {
        let service = try Service.current(quick, command: try echo())
        let load = try service.load(Self.clients)
        let upgrade = try service.starting("upgrade", "--canary", "20%,60%")
        #expect(try isTriedOut(service, 20))
        let status = try #require(try service.generation(2)?.canary)
        #expect(status == CanaryStatus(share: 20, step: 1, steps: 2))
        #expect(try service.status().current == 1)
        let again = try service.relevo("upgrade")
        #expect(again.exit == .code(1))
        #expect(again.errors.first?.contains("promote or abort it first") == true, "\(again)")
        let promoted = try service.relevo("promote")
        #expect(promoted.output == ["generation 2: 60% of clients, step 2 of 2, held"])
        #expect(try isTriedOut(service, 60))
        // Who has seen the first step alone promotes no other one.
        let late = try UnixConnection(to: UnixAddress(service.control), kind: .stream)
        let stale = ControlRequest.promote(full: true, generation: 2, step: 1)
        try late.writeAll(ControlCall(stale).frame())
        #expect(try late.wait(for: .readable, within: .seconds(20)))
        let refusal = String(decoding: try late.read(upTo: 4096) ?? [], as: UTF8.self)
        #expect(refusal.contains("generation 2 is in step 2 by now"), "\(refusal)")
        // Both have new flows now.
        #expect(try service.eventually(1) { $0.flows > 0 })
        #expect(try service.eventually(2) { $0.flows > 0 })
        let full = try service.relevo("promote", "--full")
        #expect(full.output == ["new flows go to generation 2"])
        #expect(try service.status().current == 2)
        #expect(try upgrade.finished().succeeded)
        let result = try load.stopped()
        #expect(result.isAnswered(by: 1, 2), "\(result)")
    }

    /// What its script prints stands in the error; it runs once a step.
    @Test func aCheckThatFailsAbortsIt() throws {
        let service = try Service.current(quick, command: try echo())
        let load = try service.load(Self.clients)
        let script = """
            echo "$RELEVO_SERVICE $RELEVO_GENERATION $RELEVO_STEP $RELEVO_SHARE"
            test $RELEVO_STEP -lt 2
            """
        let upgrade = try service.relevo([
            "upgrade", "--canary", "10%,50%,90%", "--step", "200ms",
            "--check", "exec:/bin/sh -c '\(script)'",
        ])
        #expect(upgrade.exit == .code(1))
        let told = try #require(upgrade.errors.first)
        let reason = "its check failed: ended with code 1: relevo-load 2 2 50%"
        #expect(
            told == "relevo: upgrade failed: \(reason); relevo history 2 has its course",
            "\(upgrade)")
        #expect(try service.status().current == 1)
        #expect(try service.ended(2))
        let result = try load.stopped()
        #expect(result.isAnswered(by: 1, 2), "\(result)")
        #expect(try service.status().lastHandover?.result == .aborted)
    }

    /// The new worker reads nothing any more; its socket has no room for all that comes.
    @Test func oneThatDropsTooMuchGivesItsShareBack() throws {
        let service = try Service.current(quick, command: try echo())
        let upgrade = try service.starting("upgrade", "--canary", "50%", "--max-drops", "20")
        #expect(try isTriedOut(service, 50))
        #expect(try service.eventually { $0.generations.last?.canary?.drops == 0 })
        try service.signal(SignalNumber.stop, of: 2)
        let load = try service.load(Self.clients)
        let told = try upgrade.finished()
        #expect(told.exit == .code(1))
        #expect(
            told.errors.first?.contains("dropped since it got new flows, more than 20") == true,
            "\(told)")
        #expect(try service.status().current == 1)
        try service.signal(SignalNumber.resume, of: 2)
        _ = try load.stopped()
        #expect(try service.ended(2))
        let handover = try #require(try service.status().lastHandover)
        #expect(handover.result == .aborted && handover.drops > 20, "\(handover)")
    }

    @Test func whatCannotBeRunIsNoCheckThatPasses() throws {
        let service = try Service.current(quick, command: try echo())
        let upgrade = try service.relevo([
            "upgrade", "--canary", "10%", "--step", "200ms", "--check", "exec:/no/such/check",
        ])
        #expect(upgrade.exit == .code(1))
        #expect(
            upgrade.errors.first?.contains("its check failed: execute /no/such/check") == true,
            "\(upgrade)")
        #expect(try service.status().current == 1)
    }

    /// The first supervisor's check never ends.
    @Test func theNextSupervisorRunsTheCheckAgain() throws {
        let service = try Service.current(quick, command: try echo())
        let folder = try TemporaryFolder()
        let script = "test -e \(folder.file("second")) || sleep 1000"
        let upgrade = try service.starting(
            "upgrade", "--canary", "10%", "--step", "200ms", "--check",
            "exec:/bin/sh -c '\(script)'")
        #expect(try service.eventually { $0.generations.last?.canary?.isChecked == true })
        try writeFile(folder.file("second"), [])
        try service.succeed()
        #expect(try service.eventually { $0.current == 2 })
        _ = try upgrade.finished()
    }

    @Test func anAbortKeepsWhatItHas() throws {
        let service = try Service.current(quick, command: try echo())
        let upgrade = try service.starting("upgrade", "--canary", "50%")
        #expect(try isTriedOut(service, 50))
        let load = try service.load(lastingFlows + ["--expect-rollback"])
        #expect(try service.eventually(2) { $0.flows > 0 })
        let flows = try #require(try service.generation(2)?.flows)
        #expect(try service.relevo("abort").succeeded)
        let told = try upgrade.finished()
        #expect(
            told.exit == .code(1)
                && told.errors == [
                    "relevo: upgrade failed: aborted; relevo history 2 has its course"
                ], "\(told)")
        #expect(try service.status().current == 1)
        #expect(try service.generation(2)?.state == .draining)
        #expect(try service.generation(2)?.flows == flows)
        #expect(try service.probe().isAnswered(by: 1))
        let result = try load.stopped()
        #expect(result.isAnswered(by: 1, 2), "\(result)")
        #expect(try service.ended(2))
        let handover = try #require(try service.status().lastHandover)
        #expect(handover.result == .aborted && handover.reason == "aborted")
        #expect(handover.cutFlows == 0 && handover.drops == 0)
    }

    @Test func aWorkerThatDiesEndsIt() throws {
        let service = try Service.current(quick, command: try echo())
        let upgrade = try service.starting("upgrade", "--canary", "50%", "--step", "1h")
        #expect(try isTriedOut(service, 50))
        try service.signal(SignalNumber.kill, of: 2)
        let told = try upgrade.finished()
        #expect(told.exit == .code(1))
        #expect(told.errors.last?.contains("worker 0 killed by signal 9") == true, "\(told)")
        #expect(try service.status().current == 1)
        #expect(try service.probe().isAnswered(by: 1))
        #expect(try service.ended(2))
    }

    @Test func itGoesOnUnderTheNextSupervisor() throws {
        let service = try Service.current(quick, command: try echo())
        let load = try service.load(Self.clients)
        #expect(try service.relevo("upgrade", "--canary", "20%,60%", "--no-wait").succeeded)
        #expect(try isTriedOut(service, 20))
        try service.succeed()
        #expect(try isTriedOut(service, 20))
        #expect(try service.relevo("promote").succeeded)
        #expect(try isTriedOut(service, 60))
        try service.succeed()
        #expect(try service.relevo("promote").succeeded)
        #expect(try service.eventually { $0.current == 2 })
        #expect(try service.ended(1))
        let result = try load.stopped()
        #expect(result.isAnswered(by: 1, 2), "\(result)")
    }

    @Test func aStopEndsItToo() throws {
        let service = try Service.current(quick, command: try echo())
        let upgrade = try service.starting("upgrade", "--canary", "50%")
        #expect(try isTriedOut(service, 50))
        #expect(try service.relevo("stop").succeeded)
        #expect(try upgrade.finished().exit != .code(0))
        #expect(try service.process.finished().exit == .code(0))
    }

    @Test(arguments: [
        (["--canary", "5"], "is not a share"), (["--canary", "0%"], "is not a share"),
        (["--canary", "5%,5%"], "larger than the one before"),
        (["--canary", "100%"], "is not a share"), (["--step", "3s"], "belongs to --canary"),
        (["--canary", "5%", "--step", "0"], "--step"),
        (["--check", "exec:true"], "belongs to --canary, --canary-net, --watch and --dry-run"),
        (["--max-drops", "3"], "belong to --canary, --canary-net and --watch"),
        (["--canary", "5%", "--max-drops=-1"], "is not from 0"),
        (["--canary", "5%", "--check", "exec:true"], "add --step"),
        (["--canary", "5%", "--step", "1s", "--check", "notify"], "is not exec:COMMAND"),
        (["--canary", "5%", "--step", "1s", "--check", "exec:"], "needs a command"),
    ])
    func whatIsNoPlanIsRefused(_ options: [String], _ words: String) throws {
        let refused = try TestProcess(
            [try Programs.path("relevo"), "upgrade", "none"] + options, separateErrors: true
        ).finished()
        #expect(refused.exit == .code(64))
        #expect(refused.errors.first?.contains(words) == true, "\(refused.errors)")
    }

    @Test func withoutOneThereIsNothingToPromote() throws {
        let service = try Service.current(quick, command: try echo())
        for command in ["promote", "hold", "abort"] {
            let refused = try service.relevo(command)
            #expect(refused.exit == .code(1))
            #expect(refused.errors.first?.contains("no generation is tried out") == true)
        }
    }
}
