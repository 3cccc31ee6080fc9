import ControlProtocol
import Kernel
import TestKit
import Testing

/// The program as users run it, against a supervisor with prepared answers.
struct ClientTests {
    static let status = ServiceStatus(
        name: "echo", pid: 7, current: 2, listeners: [],
        generations: [
            GenerationStatus(
                id: 2, state: .current, command: ["/bin/echo"], flows: 5,
                workers: [WorkerStatus(index: 0, pid: 8, state: .ready, restarts: 0)])
        ])

    @Test func theStatusIsShownToPeopleAndAsJSON() throws {
        let people = try ToySupervisor { _ in [.status(Self.status)] }
        let shown = try Program.run("status", "--control", people.path)
        #expect(shown.exit == .code(0))
        #expect(shown.output.first == "echo: generation 2 serves (relevod 0.1.0, pid 7)")
        #expect(shown.output.contains { $0.hasSuffix("2  current      5    1/1  /bin/echo") })
        let program = try ToySupervisor { _ in [.status(Self.status)] }
        let json = try Program.run("status", "--json", "--control", program.path)
        #expect(json.output.first == "{" && json.output[1] == #"  "name": "echo","#)
    }

    /// relevo-json(5) is made of it.
    @Test func theFieldsOfTheJSONAreDescribedWithoutAnyService() throws {
        let shown = try Program.run("status", "--describe")
        #expect(shown.exit == .code(0))
        #expect(shown.output.contains("interface org.relevo.Supervisor"))
        #expect(shown.output.contains("  changedSettings: ?[]string,"))
        #expect(try Program.run("status", "--describe", "--json").exit == .code(64))
    }

    @Test func anUpgradeTellsItsPhasesAndItsReport() throws {
        let toy = try ToySupervisor { call in
            guard
                call
                    == ControlCall(
                        .upgrade(command: ["/v2", "-x"], workers: 4, wait: .drained), more: true)
            else { return [.error(.invalidParameter("this test's"))] }
            let progress = [
                OperationProgress(phase: .ready, over: true, generation: 3, seconds: 0.0414),
                OperationProgress(phase: .flip, over: true, generation: 3, seconds: 0.0415),
                OperationProgress(
                    phase: .drain, over: false, generation: 2, seconds: 1, flowsLeft: 9),
                OperationProgress(phase: .retire, over: true, generation: 2, seconds: 12.5),
            ]
            let report = HandoverSummary(
                from: 2, to: 3, result: .completed, phases: HandoverTimes(ready: 0.0414))
            return progress.map { .operation(OperationReply(progress: $0)) }
                + [.operation(OperationReply(generation: 3, report: report))]
        }
        let outcome = try Program.run(
            "upgrade", "--control", toy.path, "--workers", "4", "--wait", "drained", "--", "/v2",
            "-x")
        #expect(
            outcome
                == Program.Outcome(
                    output: [
                        "    0.041 s  generation 3 is ready",
                        "    0.042 s  new flows go to generation 3",
                        "    1.000 s  generation 2: drain, 9 flows left, end unknown",
                        "   12.500 s  generation 2 has ended",
                        "handover 2 to 3 completed, ready 41 ms, 0 flows cut, 0 drops",
                    ], exit: .code(0)))
    }

    @Test func anUpgradeThatIsUndoneShowsTheLastLinesAndItsReason() throws {
        let toy = try ToySupervisor { _ in
            [
                .error(
                    .upgradeFailed(reason: "worker 0 exited\nwith 3", output: ["a\u{1b}[2J", "b"]))
            ]
        }
        let outcome = try Program.run("upgrade", "--control", toy.path)
        #expect(
            outcome
                == Program.Outcome(
                    output: ["  | a\u{fffd}[2J", "  | b"],
                    errors: ["relevo: upgrade failed: worker 0 exited with 3"], exit: .code(1)))
    }

    static let refusals: [(error: ControlError, line: String, code: Int32)] = [
        (
            .nothingToRollBackTo,
            "relevo: rollback: there is no earlier generation to roll back to", 1
        ),
        (.handoverInProgress(reason: "1 to 2 runs"), "relevo: rollback: 1 to 2 runs", 1),
        (
            .permissionDenied,
            "relevo: rollback: permission denied (only the owner, root and members of --control-group)",
            77
        ),
        (
            .unknown(name: "org.relevo.Supervisor.Later"),
            "relevo: rollback: the supervisor answered with the unknown error"
                + " org.relevo.Supervisor.Later", 1
        ),
    ]

    @Test(arguments: refusals)
    func aRefusalIsOneLineAndANumber(error: ControlError, line: String, code: Int32) throws {
        let toy = try ToySupervisor { _ in [.error(error)] }
        let outcome = try Program.run("rollback", "--control", toy.path)
        #expect(outcome == Program.Outcome(errors: [line], exit: .code(code)))
    }

    @Test func eventsAreOneObjectALineUntilTheLast() throws {
        let toy = try ToySupervisor { call in
            guard call == ControlCall(.events, more: true) else { return [] }
            return (1...3).map {
                .event(ServiceEvent(time: "t", kind: .workerReady, generation: $0))
            }
        }
        let outcome = try Program.run("events", "--control", toy.path)
        #expect(
            outcome
                == Program.Outcome(
                    output: (1...3).map {
                        #"{"time":"t","kind":"workerReady","generation":\#($0)}"#
                    },
                    exit: .code(0)))
    }

    /// Where nobody knows how to be told which step is meant, it is the one that there is.
    @Test(arguments: [true, false])
    func aPromotionIsOfTheStepThatWasReadJustBefore(isOlder: Bool) throws {
        var tried = Self.status
        tried.generations.append(
            GenerationStatus(
                id: 3, state: .canary, command: ["/bin/echo"], flows: 1, workers: [],
                canary: CanaryStatus(share: 5, step: 2, steps: 3)))
        let status = tried
        let wanted =
            isOlder
            ? ControlRequest.promote(full: true)
            : .promote(full: true, generation: 3, step: 2)
        let toy = try ToySupervisor { call in
            switch call.request {
            case .getStatus: [.status(status)]
            case .getInterfaceDescription where isOlder:
                [.interfaceDescription("method Promote(full: ?bool) -> ()\n")]
            case .getInterfaceDescription:
                [.interfaceDescription(InterfaceDescription.ofSupervisor)]
            case wanted: [.done]
            default: [.error(.refused(reason: "\(call)"))]
            }
        }
        let promoted = try Program.run("promote", "--full", "--control", toy.path)
        #expect(promoted.exit == .code(0) && promoted.errors.isEmpty, "\(promoted)")
    }

    @Test func drainAndStopSendTheirTimes() throws {
        let drain = try ToySupervisor { call in
            call.request == .drain(generation: 2, timeout: .seconds(90))
                ? [.done] : [.error(.refused(reason: "\(call)"))]
        }
        #expect(
            try Program.run(
                "drain", "--control", drain.path, "--generation", "2", "--timeout", "1min 30s"
            ) == Program.Outcome(exit: .code(0)))
        let stop = try ToySupervisor { call in
            call.request == .stop(drainTimeout: .zero)
                ? [.operation(OperationReply())] : [.error(.refused(reason: "\(call)"))]
        }
        #expect(
            try Program.run("stop", "--control", stop.path, "--drain-timeout", "0")
                == Program.Outcome(output: ["stopped"], exit: .code(0)))
    }

    @Test func aSupervisorThatDiesBeforeItAnswersIsAFailure() throws {
        let toy = try ToySupervisor { _ in [] }
        #expect(
            try Program.run("restart", "--control", toy.path)
                == Program.Outcome(
                    errors: ["relevo: the supervisor closed the connection without an answer"],
                    exit: .code(1)))
    }

    @Test func theServicesOwnFolderIsFoundWithoutAName() throws {
        let toy = try ToySupervisor { _ in [.status(Self.status)] }
        let environment = ["RUNTIME_DIRECTORY=\(toy.folder.path)"]
        #expect(try Program.run("status", environment: environment).exit == .code(0))
    }
}
