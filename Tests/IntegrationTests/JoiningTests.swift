import ControlProtocol
import Kernel
import TestKit
import Testing

/// Workers that somebody else than the supervisor starts.
@Suite(.serialized, .ownNetwork, .needsRoot, .needsFlowSteering)
struct JoiningTests {
    private static let options = quick + ["--name", "joined", "--join-policy", "newest"]

    private func service(_ more: String...) throws -> Service {
        let service = try Service(Self.options + more, command: [])
        #expect(try service.line(with: "waits for workers to join") != nil)
        return service
    }

    private func pod(
        _ group: String, of service: Service, _ options: String..., as launcher: [String] = []
    ) throws -> Pod {
        try Pod(
            of: service, ["--group", group] + options, command: try echo(), as: launcher)
    }

    private func isCurrent(_ generation: Int, of service: Service) throws -> Bool {
        try service.eventually {
            $0.current == generation
                && $0.generations.first { $0.id == generation }?.workers
                    .allSatisfy { $0.state == .ready } ?? false
        }
    }

    @Test func theFirstWorkerToJoinIsTheFirstGeneration() throws {
        let service = try service()
        let pod = try pod("v1", of: service)
        #expect(try isCurrent(1, of: service))
        #expect(try service.probe().isAnswered(by: 1))
        let generation = try #require(try service.generation(1))
        #expect(generation.workers.first?.pid == Int(pod.process.pid))
        #expect(generation.command.first?.hasSuffix("relevo-load serve") == true)
    }

    /// What a cluster's rolling update does, without a cluster: each pod has a network and a mount
    /// namespace of its own and shares nothing with the supervisor but the folder of its socket.
    @Test func aRollingUpdateOfTwoPodsLosesNothing() throws {
        let service = try service("--drain-timeout", "1min")
        let container = ["unshare", "-n", "-m"]
        var old = try pod("v1", of: service, as: container)
        #expect(try isCurrent(1, of: service))
        let load = try service.load(changingFlows)
        for version in 2...3 {
            let new = try pod("v\(version)", of: service, as: container)
            #expect(try isCurrent(version, of: service))
            try old.terminate()
            // Its flows end one by one; it ends when the last one has.
            #expect(try old.process.exit() != nil)
            #expect(try service.ended(version - 1))
            old = new
        }
        let result = try load.stopped()
        #expect(result.isAnswered(by: 1, 2, 3), "\(result)")
    }

    @Test func aSessionStaysWithThePodThatKnowsIt() throws {
        let service = try service()
        let first = try pod("v1", of: service)
        #expect(try isCurrent(1, of: service))
        let load = try service.load(lastingFlows)
        let second = try pod("v2", of: service)
        #expect(try isCurrent(2, of: service))
        try first.terminate()
        #expect(try service.probe().isAnswered(by: 2))
        // Asked to end, it serves on for the flows that it has.
        #expect(try first.process.exit(within: .milliseconds(1500)) == nil)
        let result = try load.stopped()
        #expect(result.isAnswered(by: 1), "\(result)")
        #expect(try first.process.exit() != nil)
        #expect(try second.process.exit(within: .zero) == nil)
    }

    @Test func whatWaitsForADeadPodIsReadByTheNextOne() throws {
        let service = try service("--idle-timeout", "1min")
        let first = try pod("v1", of: service)
        #expect(try isCurrent(1, of: service))
        // The second one may take along what it has just read.
        let batch = Promises.Promise5ACrashLosesNothingThatIsQueued.batch
        // The first one has read nothing yet, so that nothing at all may be lost with it.
        try first.process.signal(Signal.stop)
        let load = try service.load(lastingFlows)
        #expect(try service.receives(300))
        try first.crash()
        #expect(
            try service.eventually(1) {
                $0.workers.first?.state == .restarting || $0.workers.first?.pid == nil
            })
        let again = try pod("v1", of: service)
        #expect(try isCurrent(1, of: service))
        try again.crash()
        // Another version inherits the sockets and what is in them.
        let other = try pod("v2", of: service)
        #expect(try isCurrent(2, of: service))
        let result = try load.stopped()
        #expect(result.answered + batch >= result.sent, "\(result)")
        #expect(try other.process.exit(within: .zero) == nil)
    }

    @Test func theOnlyPodEndsAtOnceWhenItIsToldTo() throws {
        let service = try service()
        let pod = try pod("v1", of: service)
        #expect(try isCurrent(1, of: service))
        try pod.terminate()
        #expect(try pod.process.exit(within: .seconds(5)) != nil)
        #expect(try service.status().current == 1)
    }

    @Test func joinedWorkersOutliveTheirSupervisor() throws {
        let service = try service()
        let first = try pod("v1", of: service)
        #expect(try isCurrent(1, of: service))
        let load = try service.load(lastingFlows)
        try service.succeed()
        #expect(try isCurrent(1, of: service))
        let second = try pod("v2", of: service)
        #expect(try isCurrent(2, of: service))
        #expect(try service.relevo("rollback").exit == .code(0))
        #expect(try isCurrent(1, of: service))
        #expect(try second.process.exit() != nil)
        let result = try load.stopped()
        #expect(result.isAnswered(by: 1), "\(result)")
        #expect(try first.process.exit(within: .zero) == nil)
    }

    @Test func aGenerationOfTwoIsWholeWhenBothHaveCome() throws {
        let service = try service()
        let first = try pod("v1", of: service, "--workers", "2")
        #expect(try service.eventually(1) { $0.workers.first?.state == .ready })
        #expect(try service.status().generations.first?.state == .starting)
        let second = try pod("v1", of: service, "--workers", "2")
        #expect(try isCurrent(1, of: service))
        let third = try pod("v1", of: service, "--workers", "2")
        #expect(try third.process.exit() == .code(77))
        #expect(try third.process.output.next { $0.contains("has all its workers") } != nil)
        #expect(try service.probe().isAnswered(by: 1))
        withExtendedLifetime((first, second)) {}
    }

    @Test func aNewerGroupHasTheSettingsAsTheFileSaysThen() throws {
        let folder = try TemporaryFolder()
        let file = folder.file("joined.conf")
        func write(_ lines: String...) throws {
            let text = [
                "[Service]", "Name=joined", "JoinPolicy=newest", "Linger=20ms", "[Listener]",
                "Address=udp://\(address)",
            ]
            try writeFile(file, Array((text + lines).joined(separator: "\n").utf8))
        }
        try write()
        let service = try Service(["--config", file], command: [])
        #expect(try service.line(with: "waits for workers to join") != nil)
        let first = try pod("v1", of: service)
        #expect(try isCurrent(1, of: service))
        try write("[Listener]", "Address=udp://127.0.0.1:4434")
        let second = try pod("v2", of: service)
        #expect(try isCurrent(2, of: service))
        let added = try Load(
            to: "127.0.0.1:4434", ["--flows", "5", "--rate", "50", "--duration", "200ms"]
        ).result()
        #expect(added.isAnswered(by: 2), "\(added)")
        #expect(try service.status().changedSettings == [])
        // With mistakes it is as before, and they are named.
        try write("[Listener]", "Adress=udp://127.0.0.1:4435")
        let third = try pod("v3", of: service)
        #expect(try service.line(with: "workers join with the settings that run") != nil)
        #expect(try isCurrent(3, of: service))
        #expect(try service.status().listeners.count == 2)
        withExtendedLifetime((first, second, third)) {}
    }

    @Test func withTheManualPolicyAGenerationWaitsForTheOperator() throws {
        let service = try Service(
            quick + ["--name", "joined", "--join-policy", "manual"], command: [])
        #expect(try service.line(with: "waits for workers to join") != nil)
        let first = try pod("v1", of: service)
        #expect(try isCurrent(1, of: service))
        #expect(try service.relevo("upgrade").exit == .code(1))
        let second = try pod("v2", of: service)
        #expect(try service.line(with: "a worker of 'v2' waits for relevo upgrade") != nil)
        #expect(try service.status().generations.count == 1)
        let upgrade = try service.relevo("upgrade")
        #expect(upgrade.exit == .code(0), "\(upgrade.errors)")
        #expect(try service.status().current == 2)
        withExtendedLifetime((first, second)) {}
    }

    @Test func aFileTellsThatAPodTakesFlows() throws {
        let service = try service()
        let file = service.folder.file("ready")
        try writeFile(file, [])
        let first = try Pod(
            of: service, ["--ready-file", file, "--ready", "notify"],
            command: PythonWorker.command(
                """
                print("ready file", os.path.exists(\(String(reflecting: file))), flush=True)
                notify("READY=1")
                serve()
                """))
        #expect(try first.process.output.next { $0 == "ready file False" } != nil)
        #expect(try eventually { try FileStatus(of: file) != nil })
        #expect(try service.status().current == 1)
        try first.terminate()
        _ = try first.process.exit()
        #expect(try FileStatus(of: file) == nil)
    }

    /// As in a cluster, where neither sees the other's processes.
    @Test func aPodOfAnotherPidNamespaceIsWatchedThroughItsEnd() throws {
        let container = [
            "unshare", "-n", "-m", "-p", "--fork", "--kill-child=KILL", "--mount-proc",
        ]
        let service = try Service(Self.options, command: [], as: container)
        #expect(try service.line(with: "waits for workers to join") != nil)
        let first = try pod("v1", of: service, as: container)
        #expect(try service.line(with: "new flows go to generation 1") != nil)
        #expect(try service.status().generations.first?.workers.first?.pid == nil)
        try first.crash()
        #expect(try service.line(with: "worker 1.0 is gone") != nil)
        let second = try pod("v2", of: service, as: container)
        #expect(try service.line(with: "new flows go to generation 2") != nil)
        try second.terminate()
        withExtendedLifetime(second) {}
    }

    @Test func aStopEndsThePods() throws {
        let service = try service()
        let pod = try pod("v1", of: service)
        #expect(try isCurrent(1, of: service))
        #expect(try service.relevo("stop", "--drain-timeout", "0").exit == .code(0))
        #expect(try pod.process.exit() != nil)
        #expect(try service.process.exit() == .code(0))
    }

    @Test func aServerThatNeverServesDoesNotEndTheService() throws {
        let service = try service("--ready-timeout", "3s")
        let bad = try Pod(
            of: service, ["--group", "bad"], command: ["sleep", "100"])
        #expect(try service.line(with: "was not ready in time") != nil)
        #expect(try bad.process.exit() != nil)
        #expect(try service.line(with: "generation 1 is gone") != nil)
        let good = try pod("good", of: service)
        #expect(try isCurrent(2, of: service))
        withExtendedLifetime(good) {}
    }

    /// The rule is the same as for a worker that the supervisor has started.
    @Test func aServerThatReadsOneOfTwoSocketsIsReadyAndTheOtherGetsNothing() throws {
        let folder = try TemporaryFolder()
        let reads = PythonWorker.command(
            """
            import threading
            waiting = select.epoll()
            waiting.register(3, select.EPOLLIN)
            threading.Thread(target=lambda: (
                os.open(sys.argv[1], os.O_RDONLY), waiting.register(4, select.EPOLLIN))).start()
            while True:
                for number, what in waiting.poll():
                    data, peer = sockets[number - 3].recvfrom(2000)
                    sockets[number - 3].sendto(str(number).encode(), peer)
            """, try ReadyRuleTests.gate(in: folder))
        let service = try service("--sockets-per-worker", "2")
        let pod = try Pod(of: service, [], command: reads)
        #expect(try service.line(with: "waits on 1 of its 2 sockets") != nil)
        #expect(try isCurrent(1, of: service))
        let address = try #require(SocketAddress("127.0.0.1:4433"))
        for _ in 0..<20 { #expect(try Question(to: address).ask() == "3") }
        try ReadyRuleTests.open(folder)
        #expect(try eventually { try Question(to: address).ask() == "4" })
        withExtendedLifetime(pod) {}
    }

    @Test func nobodyJoinsWhereNobodyMay() throws {
        let service = try Service.current(quick, command: try echo())
        let refused = try Pod(of: service, ["--wait", "0"], command: try echo())
        #expect(try refused.process.exit() == .code(69))
        let mixed = try Service.current(
            ["--listen", "udp://127.0.0.1:4434", "--join-policy", "newest"], command: try echo())
        try changeMode(of: mixed.folder.file("run") + "/workers", to: 0o666)
        let stranger = try Pod(
            of: mixed, ["--wait", "0"], command: try echo(),
            as: [
                "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
                "--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search",
            ])
        #expect(try stranger.process.exit() == .code(77))
        let joined = try Pod(of: mixed, [], command: try echo())
        #expect(try mixed.eventually { $0.current == 2 })
        withExtendedLifetime(joined) {}
    }
}
