import Kernel
import TestKit
import Testing

/// What a worker finds when it starts.
@Suite(.ownNetwork, .needsRoot)
struct WorkersEnvironmentTests {
    private static let serving = """
        tell_facts(*sys.argv[1:])
        notify("READY=1")
        serve()
        """

    @Test func aWorkerFindsItsSocketsInTheOrderOfTheListeners() throws {
        let service = try Service.current(
            [
                "--listen", "udp://127.0.0.1:4433", "--listen", "udp://[::1]:4434",
                "--listen", "tcp://127.0.0.1:4435",
            ], command: PythonWorker.command(Self.serving))
        let facts = try service.facts()
        #expect(facts.environment["LISTEN_FDS"] == "3")
        #expect(facts.environment["LISTEN_PID"] == "\(facts.pid)")
        #expect(facts.environment["LISTEN_FDNAMES"] == "4433:4434:4435")
        #expect(
            facts.sockets == [
                WorkerFacts.Socket(type: "udp", address: "127.0.0.1 4433", blocking: true),
                WorkerFacts.Socket(type: "udp", address: "::1 4434", blocking: true),
                WorkerFacts.Socket(type: "tcp", address: "127.0.0.1 4435", blocking: true),
            ])
        #expect(try service.worker() == facts.pid)
    }

    @Test func aWorkerGetsSeveralSocketsOfEachListenerAndAllAreServed() throws {
        let service = try Service.current(
            [
                "--listen", "udp://127.0.0.1:4433", "--listen", "udp://127.0.0.1:4434",
                "--sockets-per-worker", "3", "--non-blocking",
            ], command: PythonWorker.command(Self.serving))
        let facts = try service.facts()
        #expect(facts.environment["LISTEN_FDS"] == "6")
        #expect(facts.environment["LISTEN_FDNAMES"] == "4433:4433:4433:4434:4434:4434")
        #expect(
            facts.sockets.map(\.address)
                == [String](repeating: "127.0.0.1 4433", count: 3)
                + [String](repeating: "127.0.0.1 4434", count: 3))
        #expect(facts.sockets.allSatisfy { !$0.blocking })
        let address = try #require(SocketAddress("127.0.0.1:4433"))
        var answered: Set<String> = []
        for _ in 0..<60 { answered.insert(try #require(try Question(to: address).ask())) }
        #expect(answered == ["1.0 on 3", "1.0 on 4", "1.0 on 5"])
    }

    @Test func otherConventionsAreServedOnRequest() throws {
        let service = try Service.current(
            [
                "--listen", "udp://127.0.0.1:4433", "--listen", "udp://[::1]:4434",
                "--environment-style", "nginx", "--environment-style", "server-starter",
            ], command: PythonWorker.command(Self.serving),
            environment: ["NGINX=9;", "LISTEN_FDS=7", "LISTEN_PID=1", "WATCHDOG_USEC=5"])
        let environment = try service.facts().environment
        #expect(environment["NGINX"] == "3;4;")
        #expect(environment["SERVER_STARTER_PORT"] == "127.0.0.1:4433=3;[::1]:4434=4")
        #expect(environment["LISTEN_FDS"] == "2")
        #expect(environment["WATCHDOG_USEC"] == nil)
    }

    @Test func withoutRequestNoOtherConventionIsServed() throws {
        let service = try Service.current(
            ["--listen", "udp://127.0.0.1:4433"], command: PythonWorker.command(Self.serving),
            environment: ["NGINX=9;", "SERVER_STARTER_PORT=80=9"])
        let environment = try service.facts().environment
        #expect(environment["NGINX"] == nil)
        #expect(environment["SERVER_STARTER_PORT"] == nil)
        #expect(environment["LISTEN_FDS"] == "1")
    }

    @Test func numbersTakeThePlacesInTheArguments() throws {
        let folder = try TemporaryFolder()
        let settings = folder.file("names.conf")
        try writeFile(
            settings,
            Array(
                """
                [Listener]
                Address=udp://127.0.0.1:4433
                Name=query
                [Listener]
                Address=udp://127.0.0.1:4434
                Name=notify
                """.utf8))
        let service = try Service.current(
            ["--config", settings, "--workers", "2"],
            command: PythonWorker.command(
                Self.serving, "--fd={fd}", "{fd:notify}", "g{generation}w{worker}", "{{fd}}",
                #"{"a": 1}"#))
        let first = try service.facts(of: "1.0")
        #expect(first.arguments == ["--fd=3", "4", "g1w0", "{fd}", #"{"a": 1}"#])
        #expect(first.environment["LISTEN_FDNAMES"] == "query:notify")
        #expect(try service.facts(of: "1.1").arguments[2] == "g1w1")
        #expect(try service.relevo("upgrade").exit == .code(0))
        #expect(try service.facts(of: "2.1").arguments[2] == "g2w1")
    }

    @Test func aPlaceForAListenerThatIsNotThereFailsTheStartInWords() throws {
        let service = try Service(
            ["--listen", "udp://127.0.0.1:4433"],
            command: PythonWorker.command(Self.serving, "{fd:nobody}"))
        let finished = try service.process.finished()
        #expect(finished.exit == .code(1))
        #expect(finished.text.contains("{fd:nobody}"), "\(finished.output)")
        #expect(finished.text.contains("4433"), "\(finished.output)")
    }

    @Test func variablesAndTheFolderAreTheWorkersOwn() throws {
        let folder = try TemporaryFolder()
        let service = try Service.current(
            [
                "--listen", "udp://127.0.0.1:4433", "--environment", "COLOUR=dark blue",
                "--environment", "SHAPE=round", "--working-directory", folder.path,
                "--watchdog", "90s",
            ], command: PythonWorker.command(Self.serving, "COLOUR", "SHAPE", "KEPT"),
            environment: ["SHAPE=square", "KEPT=yes"])
        let facts = try service.facts()
        #expect(facts.environment["COLOUR"] == "dark blue")
        #expect(facts.environment["SHAPE"] == "round")
        #expect(facts.environment["KEPT"] == "yes")
        #expect(facts.environment["RELEVO_GENERATION"] == "1")
        #expect(facts.environment["RELEVO_WORKER"] == "0")
        #expect(facts.environment["WATCHDOG_USEC"] == "90000000")
        #expect(facts.folder == folder.path)
    }

    @Test func eachGenerationHasAPrivateFolderOfItsOwnThatAllItsWorkersShare() throws {
        let folder = try TemporaryFolder()
        let place = folder.file("state")
        try makeFolder(place)
        try writeFile(folder.file("state/before"), [])
        let service = try Service.current(
            quick + ["--private", place, "--workers", "2"],
            command: PythonWorker.command(
                """
                os.open(sys.argv[1] + "/" + os.environ["RELEVO_WORKER"], os.O_CREAT)
                while len(os.listdir(sys.argv[1])) < 2: pass
                print("found", sorted(os.listdir(sys.argv[1])), flush=True)
                notify("READY=1")
                serve()
                """, place))
        func folders() throws -> [String] { try listFolder(service.folder.file("run/private")) }
        #expect(try service.says("[1.0] found ['0', '1']"))
        #expect(try folders() == ["1"])
        // One that is started again, by another supervisor, finds what is there.
        try service.succeed()
        try service.kill()
        #expect(try service.restarted())
        #expect(try service.relevo("upgrade", "--wait", "drained").exit == .code(0))
        #expect(try service.line(with: "[2.0] found") == "[2.0] found ['0', '1']")
        #expect(try folders() == ["2"])
        #expect(try listFolder(place) == ["before"])
        #expect(try service.relevo("stop", "--drain-timeout", "0").exit == .code(0))
        #expect(try service.process.exit() == .code(0))
        #expect(try FileStatus(of: service.folder.file("run/private")) == nil)
    }

    @Test func aPrivateFolderThatIsNotThereIsToldByName() throws {
        let service = try Service(
            ["--listen", "udp://127.0.0.1:4433", "--private", "/nonesuch"],
            command: PythonWorker.command("serve()"))
        let finished = try service.process.finished()
        #expect(finished.exit == .code(1))
        #expect(finished.text.contains("private folder /nonesuch"))
    }
}
