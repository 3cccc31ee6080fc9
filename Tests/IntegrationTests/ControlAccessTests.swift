import ControlProtocol
import Kernel
import TestKit
import Testing

/// Who may control a service.
@Suite(.ownNetwork, .needsRoot)
struct ControlAccessTests {
    private static let listener = ["--listen", "udp://127.0.0.1:4433"]

    /// Another user, who may look into every folder, so that the program is found wherever it was
    /// built, and what it may not do with the socket is not hidden by the folder.
    private static let other = [
        "setpriv", "--reuid=65534", "--regid=65534", "--inh-caps=+dac_read_search",
        "--ambient-caps=+dac_read_search",
    ]

    private func status(of service: Service, as launcher: [String]) throws -> Finished {
        try Finished.running(
            launcher + [try Programs.path("relevo"), "status", "--control", service.control])
    }

    @Test func theSocketIsItsOwnersAlone() throws {
        let service = try Service.current(Self.listener, command: try Programs.echo())
        #expect(try FileStatus(of: service.control)?.mode == 0o600)
        #expect(try FileStatus(of: service.folder.file("run"))?.mode == 0o711)
        let refused = try status(of: service, as: Self.other + ["--clear-groups"])
        #expect(refused.exit == .code(77), "\(refused.errors)")
        #expect(refused.errors.count == 1)
        #expect(refused.errors.first?.contains("Permission denied") == true, "\(refused.errors)")
        #expect(refused.output == [])
        #expect(try service.status().current == 1)
    }

    @Test func theUserIsCheckedWhereTheFilesModeWasLoosened() throws {
        let service = try Service.current(Self.listener, command: try Programs.echo())
        try changeMode(of: service.control, to: 0o666)
        let refused = try status(of: service, as: Self.other + ["--clear-groups"])
        #expect(refused.exit == .code(77), "\(refused.errors)")
        #expect(
            refused.errors == [
                "relevo: permission denied (only the owner, root and members of --control-group)"
            ])
        #expect(try service.status().current == 1)
    }

    @Test(arguments: [
        ["--user", "nosuch"], ["--group", "nosuch"], ["--control-group", "nosuch"],
    ])
    func aSettingThatCannotTakeEffectEndsNoWorkers(_ setting: [String]) throws {
        let service = try Service.current(Self.listener, command: try Programs.echo())
        try service.crash()
        try service.resume(["--resume"] + setting)
        #expect(try service.line(with: "nosuch") != nil)
        #expect(try service.line(with: "took over 1 worker,") != nil)
        #expect(try service.status().current == 1)
        #expect(try service.relevo("upgrade").exit == .code(0))
        let fresh = try Service(
            ["--listen", "udp://127.0.0.1:4434", "--name", "fresh"] + setting,
            command: try Programs.echo())
        // Another start cannot help.
        #expect(try fresh.process.exit() == .code(78))
    }

    @Test func aGroupThatMayNotBeGivenEndsNoWorkers() throws {
        let service = try Service.current(
            Self.listener, command: try Programs.echo(),
            as: ["setpriv", "--bounding-set=-chown", "--clear-groups"])
        try service.crash()
        try service.resume(["--resume", "--control-group", "daemon"])
        #expect(try service.line(with: "ControlGroup=daemon is not in effect") != nil)
        #expect(try service.line(with: "took over 1 worker,") != nil)
    }

    @Test func aMemberOfTheControlGroupIsLetIn() throws {
        let service = try Service.current(
            Self.listener + ["--control-group", "daemon"], command: try Programs.echo())
        #expect(try FileStatus(of: service.control)?.mode == 0o660)
        #expect(try FileStatus(of: service.control)?.gid == 1)
        let member = try status(of: service, as: Self.other + ["--groups", "1"])
        #expect(member.exit == .code(0), "\(member.errors)")
        #expect(member.text.contains("generation 1 serves"), "\(member.output)")
        let stranger = try status(of: service, as: Self.other + ["--groups", "2"])
        #expect(stranger.exit == .code(77), "\(stranger.errors)")
    }

    @Test func aMemberMayUpgradeAndAWorkersUserMayNot() throws {
        let service = try Service.current(
            Self.listener + ["--control-group", "daemon", "--user", "nobody"],
            command: PythonWorker.command("notify('READY=1')\nserve()"))
        let program = try Programs.path("relevo")
        let upgrade = [program, "upgrade", "--control", service.control]
        let member = try Finished.running(
            [
                "setpriv", "--reuid=54321", "--regid=54321", "--groups=1",
                "--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search",
            ] + upgrade)
        #expect(member.exit == .code(0), "\(member.errors)")
        let worker = try Finished.running(Self.other + ["--clear-groups"] + upgrade)
        #expect(worker.exit == .code(77), "\(worker.errors)")
        #expect(try service.status().current == 2)
    }

    private static let member = [
        "setpriv", "--reuid=54321", "--regid=54321", "--groups=1",
        "--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search",
    ]

    @Test func aMemberRunsNoCommandOfItsOwnAsRoot() throws {
        let service = try Service.current(
            Self.listener + ["--control-group", "daemon"], command: try Programs.echo())
        #expect(
            service.process.output.lines.contains {
                $0.contains("may upgrade and stop the service")
            })
        let program = try Programs.path("relevo")
        let proof = service.folder.file("proof")
        let refused = try Finished.running(
            Self.member + [
                program, "upgrade", "--control", service.control, "--", "/bin/sh", "-c",
                "id > \(proof)",
            ])
        #expect(refused.exit == .code(77), "\(refused.errors)")
        #expect(refused.errors.first?.contains("ControlGroupMay=command") == true)
        #expect(try FileStatus(of: proof) == nil)
        #expect(try service.status().generations.count == 1)
    }

    @Test func aMemberThatMayLookMayDoNothingElse() throws {
        let service = try Service.current(
            Self.listener + ["--control-group", "daemon", "--control-group-may", "look"],
            command: try Programs.echo())
        let member = try status(of: service, as: Self.member)
        #expect(member.exit == .code(0), "\(member.errors)")
        let stop = try Finished.running(
            Self.member + [try Programs.path("relevo"), "stop", "--control", service.control])
        #expect(stop.exit == .code(77), "\(stop.errors)")
        #expect(try service.status().current == 1)
    }

    @Test func whoeverMayRunAnyProgramAsRootIsWarnedOf() throws {
        let service = try Service.current(
            Self.listener + ["--control-group", "daemon", "--control-group-may", "command"],
            command: try Programs.echo())
        #expect(
            service.process.output.lines.contains {
                $0.contains("members of daemon may run any program as root")
            })
        let command = PythonWorker.command("notify('READY=1')\nserve()")
        let upgrade = try Finished.running(
            Self.member + [
                try Programs.path("relevo"), "upgrade", "--control", service.control, "--",
            ] + command)
        #expect(upgrade.exit == .code(0), "\(upgrade.errors)")
        #expect(try service.status().current == 2)
    }

    @Test func aControlGroupThatDoesNotExistIsRefusedByName() throws {
        let service = try Service(
            Self.listener + ["--control-group", "no-such-group"], command: try Programs.echo())
        let finished = try service.process.finished()
        #expect(finished.exit == .code(78))
        #expect(finished.text.contains("no-such-group"), "\(finished.output)")
    }
}
