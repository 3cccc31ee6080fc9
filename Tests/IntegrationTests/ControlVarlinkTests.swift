import ControlProtocol
import Kernel
import TestKit
import Testing

/// Anything that speaks Varlink can drive a service.
@Suite(.ownNetwork, .needsRoot, .needsVarlink)
struct ControlVarlinkTests {
    private static func service(_ options: [String] = []) throws -> Service {
        try Service.current(
            ["--name", "toy", "--listen", "udp://127.0.0.1:4433", "--linger", "0"] + options,
            command: try Programs.echo())
    }

    @Test func theInterfaceDescribesItself() throws {
        let service = try Self.service()
        let finished = try VarlinkProgram.run(
            """
            with client.open("org.varlink.service") as it:
                info = it.GetInfo()
                say(info["product"], *info["interfaces"])
            interface = client.get_interface("org.relevo.Supervisor")
            say(*[name for name, member in interface.members.items()
                  if type(member).__name__ == "_Method"])
            say(*[name for name, member in interface.members.items()
                  if type(member).__name__ == "_Error"])
            """, on: service)
        #expect(finished.exit == .code(0), "\(finished.errors)")
        #expect(
            finished.output.first == "relevod org.varlink.service org.relevo.Supervisor",
            "\(finished.output)")
        let methods = finished.output.dropFirst().first?.split(separator: " ") ?? []
        for method in [
            "GetStatus", "Upgrade", "Rollback", "Restart", "Drain", "Stop", "Reexec", "Events",
        ] {
            #expect(methods.contains { $0 == method }, "\(finished.output)")
        }
        #expect(finished.output.last?.contains("UpgradeFailed") == true, "\(finished.output)")
    }

    @Test func statusIsTheJSONOfTheCommandLine() throws {
        let service = try Self.service()
        let finished = try VarlinkProgram.run(
            """
            with open_it() as it:
                status = it.GetStatus()["status"]
            say(status["name"], status["current"], status["listeners"][0]["address"],
                status["generations"][0]["workers"][0]["state"], status.get("handover"))
            """, on: service)
        #expect(finished.errors == [])
        #expect(finished.output == ["toy 1 udp://127.0.0.1:4433 ready None"])
    }

    @Test func anUpgradeStreamsItsProgressAndEndsWithTheNewGeneration() throws {
        let service = try Self.service()
        let finished = try VarlinkProgram.run(
            """
            with open_it() as it:
                for reply in it.Upgrade(workers=2, wait="drained", _more=True):
                    progress = reply.get("progress")
                    if progress is None:
                        say("last", reply["generation"], reply["report"]["result"])
                    elif progress["over"]:
                        say(progress["phase"], progress["generation"], progress["seconds"] >= 0)
                say(len(it.GetStatus()["status"]["generations"][-1]["workers"]))
            """, on: service)
        #expect(finished.errors == [])
        #expect(
            finished.output == [
                "start 2 True", "ready 2 True", "flip 2 True", "drain 1 True", "retire 1 True",
                "last 2 completed", "2",
            ])
    }

    @Test func withoutMoreThereIsOneReply() throws {
        let service = try Self.service()
        let finished = try VarlinkProgram.run(
            """
            with open_it() as it:
                say(it.Upgrade()["generation"])
                say(it.Rollback()["generation"])
                say(it.Restart()["generation"])
                say(it.GetStatus()["status"]["current"])
                it.Upgrade(_oneway=True)
                it.Stop(drainTimeout=0)
                say("stopped")
            """, on: service)
        #expect(finished.errors == [])
        #expect(finished.output.first == "2")
        #expect(finished.output.count == 5)
        #expect(finished.output.last == "stopped")
        #expect(finished.output.dropLast().last == finished.output.dropLast(2).last)
        #expect(try service.process.exit() == .code(0))
    }

    @Test func eventsAreStreamedToAClientThatAsksForMore() throws {
        let service = try Self.service()
        let follower = try VarlinkProgram.start(
            """
            with open_it() as it:
                for reply in it.Events(_more=True):
                    event = reply["event"]
                    say(event["kind"], event.get("phase"), event.get("generation"))
                    if event["kind"] == "handoverEnded":
                        break
            """, on: service)
        #expect(try follower.output.next() == "following None 1")
        #expect(try service.relevo("upgrade").exit == .code(0))
        let events = try follower.output.rest()
        #expect(events.first == "handoverStarted None 2", "\(events)")
        #expect(events.contains("phase flip 2"), "\(events)")
        #expect(events.last == "handoverEnded None 2", "\(events)")
        #expect(try follower.exit() == .code(0))
    }

    @Test func errorsAreTyped() throws {
        let service = try Self.service(["--ready-timeout", "5s"])
        let finished = try VarlinkProgram.run(
            """
            def refused(call):
                try:
                    call()
                    say("no error")
                except varlink.VarlinkError as error:
                    parameters = error.parameters() or {}
                    say(error.error(), *[parameters[k] for k in sorted(parameters)])

            with open_it() as it:
                refused(lambda: it.Upgrade(command=["/bin/sh", "-c", "echo oh no; exit 9"]))
                refused(lambda: it.Upgrade(workers=0))
                refused(lambda: it.Upgrade(command=[""]))
                refused(lambda: it.Events())
                refused(lambda: it.Rollback())
                it._interface.members["Nothing"] = it._interface.members["GetStatus"]
                refused(lambda: it._call("Nothing"))
                say(it.GetStatus()["status"]["current"])
            """, on: service)
        #expect(finished.errors == [])
        let lines = finished.output
        guard lines.count == 7 else {
            Issue.record("\(lines)")
            return
        }
        #expect(lines[0].hasPrefix("org.relevo.Supervisor.UpgradeFailed 2 ['[2.0] oh no'] "))
        #expect(lines[0].contains("exited with status 9"))
        #expect(lines[1] == "org.varlink.service.InvalidParameter workers")
        #expect(lines[2] == "org.varlink.service.InvalidParameter command")
        #expect(lines[3] == "org.varlink.service.ExpectedMore")
        #expect(lines[4] == "org.relevo.Supervisor.NothingToRollBackTo")
        #expect(lines[5].hasPrefix("org.varlink.service.MethodNotFound"))
        #expect(lines[6] == "1")
    }

    @Test func aSecondUpgradeAtOnceIsRefusedClearly() throws {
        let folder = try TemporaryFolder()
        let gate = try ReadyRuleTests.gate(in: folder)
        let service = try Self.service()
        let slow = PythonWorker.command(
            "os.open('\(gate)', os.O_RDONLY)\nnotify('READY=1')\nserve()")
        let first = try service.starting(["upgrade", "--"] + slow)
        #expect(try service.eventually { $0.generations.last?.id == 2 })
        let second = try VarlinkProgram.run(
            """
            with open_it() as it:
                try:
                    it.Upgrade()
                except varlink.VarlinkError as error:
                    say(error.error(), error.parameters()["reason"])
            """, on: service)
        #expect(
            second.output.first?.hasPrefix("org.relevo.Supervisor.HandoverInProgress ") == true,
            "\(second.output) \(second.errors)")
        let third = try service.relevo("upgrade")
        #expect(third.exit == .code(1))
        #expect(third.errors.count == 1)
        #expect(
            third.errors == ["relevo: upgrade: generation 2 is still starting"],
            "the first says that it is under way")
        try ReadyRuleTests.open(folder)
        #expect(try first.finished().exit == .code(0))
        #expect(try service.status().current == 2)
    }
}
