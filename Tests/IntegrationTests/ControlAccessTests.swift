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

    @Test func aControlGroupThatDoesNotExistIsRefusedByName() throws {
        let service = try Service(
            Self.listener + ["--control-group", "no-such-group"], command: try Programs.echo())
        let finished = try service.process.finished()
        #expect(finished.exit == .code(1))
        #expect(finished.text.contains("no-such-group"), "\(finished.output)")
    }
}
