import Kernel
import TestKit
import Testing

/// As whom a worker runs.
@Suite(.ownNetwork, .needsRoot)
struct WorkersIdentityTests {
    private static let serving = """
        tell_facts()
        notify("READY=1\\nSTATUS=reached from " + str(os.getuid()))
        serve()
        """

    private func service(
        _ options: String..., port: Int = 4433, as launcher: [String] = []
    ) throws -> Service {
        try Service.current(
            ["--listen", "udp://127.0.0.1:\(port)"] + options,
            command: PythonWorker.command(Self.serving), as: launcher)
    }

    @Test func aWorkerRunsAsTheUserWithThatUsersGroupsAndReachesItsNotifySocket() throws {
        let service = try service(
            "--user", "nobody", "--ready", "notify", port: 53,
            as: ["setpriv", "--groups", "1,2,3"])
        let facts = try service.facts()
        #expect(facts.uid == 65534)
        #expect(facts.gid == 65534)
        #expect(facts.groups.allSatisfy { $0 == 65534 }, "\(facts.groups)")
        let message = try service.message()
        #expect(message == "reached from 65534")
    }

    @Test func aServerThatChangesToAnotherUserItselfReachesItsNotifySocket() throws {
        let service = try Service.current(
            ["--listen", "udp://127.0.0.1:4433", "--ready", "notify"],
            command: PythonWorker.command("os.setgid(65534)\nos.setuid(65534)\n" + Self.serving))
        let facts = try service.facts()
        #expect(facts.uid == 65534)
        let message = try service.message()
        #expect(message == "reached from 65534")
    }

    @Test func aStrangerIsNotHeardThere() throws {
        let service = try Service.current(
            ["--listen", "udp://127.0.0.1:4433", "--ready", "notify"],
            command: PythonWorker.command(Self.serving))
        let socket = try #require(try service.facts().environment["NOTIFY_SOCKET"])
        let sending = """
            import socket, sys
            out = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            out.sendto(b"STATUS=stranger", sys.argv[1])
            """
        let sent = try Finished.running([
            "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
            PythonWorker.interpreter, "-IS", "-c", sending, socket,
        ])
        #expect(sent.succeeded, "\(sent.errors)")
        #expect(try service.line(with: "of user 65534 spoke for worker 1.0") != nil)
        let message = try service.message()
        #expect(message == "reached from 0")
    }

    @Test func aGroupAloneLeavesTheUserAndGoesWithoutTheSupervisorsGroups() throws {
        let service = try service(
            "--group", "daemon", "--ready", "notify", as: ["setpriv", "--groups", "2,3"])
        let facts = try service.facts()
        #expect(facts.uid == 0)
        #expect(facts.gid == 1)
        #expect(facts.groups.allSatisfy { $0 == 1 }, "\(facts.groups)")
    }

    @Test func aNumberWithoutAnAccountIsAUserAsWell() throws {
        let service = try service("--user", "54321", "--group", "54322")
        let facts = try service.facts()
        #expect(facts.uid == 54321)
        #expect(facts.gid == 54322)
    }

    @Test func anotherUsersWorkersAreUpgradedAndStartedAgainLikeAny() throws {
        let service = try service("--user", "nobody", "--linger", "0")
        #expect(try service.relevo("upgrade", "--wait", "drained").exit == .code(0))
        let before = try #require(try service.worker())
        try service.kill()
        #expect(try service.restarted())
        let after = try #require(try service.worker())
        #expect(after != before)
        #expect(try service.facts(of: "2.0", process: after).uid == 65534)
    }

    @Test func theCommandThatSaysWhetherAWorkerIsReadyRunsAsThatUserInThatFolder() throws {
        let service = try service(
            "--user", "nobody", "--working-directory", "/usr", "--ready",
            "exec:sh -c 'test $(id -u):$(id -G):$(pwd) = 65534:65534:/usr'", "--ready-timeout",
            "5s")
        let facts = try service.facts()
        #expect(facts.uid == 65534)
    }

    @Test(arguments: [["--user", "nobody-here"], ["--group", "nobody-here"]])
    func anAccountThatDoesNotExistIsRefusedByName(options: [String]) throws {
        let service = try Service(
            ["--listen", "udp://127.0.0.1:4433"] + options,
            command: PythonWorker.command(Self.serving))
        let finished = try service.process.finished()
        #expect(finished.exit == .code(78))
        #expect(finished.output.count == 1)
        #expect(finished.text.contains("nobody-here"))
    }
}
