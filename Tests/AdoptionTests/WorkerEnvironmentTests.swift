import Adoption
import Testing

@Suite struct WorkerEnvironmentTests {
    private let two = [
        OfferedSocket(name: "dns", address: "127.0.0.1:53", number: 3),
        OfferedSocket(name: "tls", address: "[::1]:853", number: 4),
    ]

    @Test func aWorkerLearnsItsSocketsTheSystemdWay() {
        let worker = WorkerEnvironment(
            sockets: two, generation: 7, worker: 2, notifySocket: "/run/x/notify",
            watchdog: .milliseconds(1500))
        #expect(
            worker.variables(inheriting: ["PATH=/bin"]) == [
                "PATH=/bin", "RELEVO_GENERATION=7", "RELEVO_WORKER=2", "LISTEN_FDS=2",
                "LISTEN_FDNAMES=dns:tls", "NOTIFY_SOCKET=/run/x/notify", "WATCHDOG_USEC=1500000",
            ])
    }

    @Test func whatWasStoredFollowsTheSocketsAndTheChannelIsNamed() {
        let worker = WorkerEnvironment(
            sockets: two, stored: ["state", "a b"], generation: 1, worker: 0,
            styles: [.systemd, .nginx], channel: 7)
        #expect(
            worker.variables(inheriting: ["RELEVO_CHANNEL=3"]) == [
                "RELEVO_GENERATION=1", "RELEVO_WORKER=0", "RELEVO_CHANNEL=7", "LISTEN_FDS=4",
                "LISTEN_FDNAMES=dns:tls:state:a b", "NGINX=3;4;",
            ])
    }

    @Test func otherStylesAreGivenOnRequest() {
        let worker = WorkerEnvironment(
            sockets: two, generation: 1, worker: 0, styles: [.nginx, .serverStarter])
        #expect(
            worker.variables(inheriting: []) == [
                "RELEVO_GENERATION=1", "RELEVO_WORKER=0", "NGINX=3;4;",
                "SERVER_STARTER_PORT=127.0.0.1:53=3;[::1]:853=4", "SERVER_STARTER_GENERATION=1",
            ])
    }

    @Test func whatWasMeantForTheSupervisorStaysWithIt() {
        let inherited = [
            "HOME=/root", "LISTEN_FDS=9", "LISTEN_PID=1", "LISTEN_FDNAMES=a", "LISTEN_PIDFDID=4",
            "NOTIFY_SOCKET=/run/systemd/notify", "WATCHDOG_USEC=1", "WATCHDOG_PID=1", "FDSTORE=3",
            "RELEVO_GENERATION=3", "NGINX=8;", "SERVER_STARTER_PORT=1=2", "JOURNAL_STREAM=8:9",
            "SYSTEMD_EXEC_PID=1", "INVOCATION_ID=abc", "EMPTY=", "ODD",
        ]
        let worker = WorkerEnvironment(sockets: [], generation: 1, worker: 0, styles: [])
        #expect(
            worker.variables(inheriting: inherited) == [
                "HOME=/root", "INVOCATION_ID=abc", "EMPTY=", "ODD", "RELEVO_GENERATION=1",
                "RELEVO_WORKER=0",
            ])
    }

    @Test(arguments: [
        ("/var/lib/relevo/dns", nil), ("/var/lib/dns", "/var/lib/dns"),
        ("/var/lib/dns:/var/lib/relevo/dns:/srv/x", "/var/lib/dns:/srv/x"),
        ("/home/a/.local/state/relevo/dns", nil),
    ])
    func ofTheUnitsStateFoldersTheServersOwnAreLeft(given: String, left: String?) {
        let worker = WorkerEnvironment(sockets: [], generation: 1, worker: 0, styles: [])
        #expect(
            worker.variables(inheriting: ["STATE_DIRECTORY=\(given)"])
                == (left.map { ["STATE_DIRECTORY=\($0)"] } ?? []) + [
                    "RELEVO_GENERATION=1", "RELEVO_WORKER=0",
                ])
    }

    @Test(arguments: [
        ("/run/dns:/run/relevo/dns", "/run/dns"), ("/run/relevo/dns", "/run/relevo/dns"),
        ("/run/dns", "/run/dns"),
    ])
    func ofTheUnitsRuntimeFoldersTheServersOwnAreLeftWhereItHasAny(given: String, left: String) {
        let worker = WorkerEnvironment(sockets: [], generation: 1, worker: 0, styles: [])
        let variables = worker.variables(inheriting: ["RUNTIME_DIRECTORY=\(given)"])
        #expect(variables.first == "RUNTIME_DIRECTORY=\(left)")
    }

    @Test func theUsersOwnVariablesReplaceInheritedOnes() {
        let worker = WorkerEnvironment(
            sockets: [], generation: 1, worker: 0, styles: [], additions: ["TZ=UTC"])
        #expect(
            worker.variables(inheriting: ["TZ=CET", "A=1"]) == [
                "A=1", "RELEVO_GENERATION=1", "RELEVO_WORKER=0", "TZ=UTC",
            ])
    }

    @Test(arguments: [
        ("a:b", "a_b"), ("", "unknown"), ("tab\tbed", "tab_bed"), ("dns", "dns"),
    ])
    func namesFitListenFdNames(name: String, escaped: String) {
        let worker = WorkerEnvironment(
            sockets: [OfferedSocket(name: name, address: "h:1", number: 3)], generation: 1,
            worker: 0)
        #expect(worker.variables(inheriting: []).contains("LISTEN_FDNAMES=\(escaped)"))
    }

    @Test(arguments: [
        ("{fd}", "3"), ("--fd={fd:tls}", "--fd=4"), ("{fd:1}{fd:0}", "43"),
        ("g{generation}w{worker}", "g7w2"), ("{{fd}}", "{fd}"), ("{{fd:tls}}", "{fd:tls}"),
        ("{\"a\":{\"b\":1}}", "{\"a\":{\"b\":1}}"), ("{{.Name}}", "{{.Name}}"), ("{", "{"),
        ("{fd", "{fd"), ("{fd:tls", "{fd:tls"), ("{fds}", "{fds}"), ("{{fd}", "{3"),
        ("", ""), ("{{{fd}}}", "{{fd}}"),
    ])
    func placeholdersAreReplacedAndOtherBracesLeft(argument: String, replaced: String) throws {
        let worker = WorkerEnvironment(sockets: two, generation: 7, worker: 2)
        #expect(try worker.arguments(replacingIn: [argument]) == [replaced])
    }

    @Test func anUnknownNameIsAnErrorThatSaysWhatThereIs() {
        let worker = WorkerEnvironment(sockets: two + two, generation: 1, worker: 0)
        let error = #expect(throws: PlaceholderError.self) {
            try worker.arguments(replacingIn: ["x", "{fd:quic}"])
        }
        #expect(
            error?.description
                == "{fd:quic} in the command: no listener has that name (there are: dns, tls)")
        #expect(throws: PlaceholderError.noSuchIndex(placeholder: "{fd:9}", sockets: 4)) {
            try worker.arguments(replacingIn: ["{fd:9}"])
        }
    }

    @Test func aServersIdStandsInArgumentsAndEnvironment() throws {
        var worker = WorkerEnvironment(sockets: [], generation: 1, worker: 0)
        #expect(throws: PlaceholderError.noServerID) {
            try worker.arguments(replacingIn: ["--id={serverid}"])
        }
        #expect(try worker.arguments(replacingIn: ["{{serverid}}"]) == ["{serverid}"])
        worker.serverID = "0601"
        #expect(try worker.arguments(replacingIn: ["--id={serverid}"]) == ["--id=0601"])
        #expect(worker.variables(inheriting: []).contains("RELEVO_SERVER_ID=0601"))
    }

    @Test func aServiceWithoutSocketsHasNoDescriptorToName() {
        let worker = WorkerEnvironment(sockets: [], generation: 1, worker: 0)
        #expect(throws: PlaceholderError.noSockets(placeholder: "{fd}")) {
            try worker.arguments(replacingIn: ["{fd}"])
        }
    }
}
