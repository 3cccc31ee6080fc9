import ControlProtocol
import Kernel
import TestKit
import Testing

/// Which addresses a program binds, and what listens there then.
@Suite(.ownNetwork, .needsRoot)
struct BindingAddressTests {
    private func current(_ options: [String], _ body: String) throws -> Service {
        try Service.current(options, command: BindingWorker.command(body))
    }

    private func listeners(_ service: Service) throws -> [String] {
        try service.status().listeners.map(\.address)
    }

    private func answers(_ address: String) throws -> String? {
        try Question(to: try #require(SocketAddress(address))).ask()
    }

    /// What listens, what the program binds, and what reaches it.
    static let families: [(listen: String, bind: String, ask: String)] = [
        ("udp://127.0.0.1:4433", #"udp("::", 4433)"#, "127.0.0.1:4433"),
        ("udp://0.0.0.0:4433", #"udp("::", 4433)"#, "127.0.0.1:4433"),
        ("udp://127.0.0.1:4433", #"udp("0.0.0.0", 4433)"#, "127.0.0.1:4433"),
        ("udp://127.0.0.1:4433", #"udp("::ffff:127.0.0.1", 4433)"#, "127.0.0.1:4433"),
        ("udp://:4433", #"udp("0.0.0.0", 4433)"#, "127.0.0.1:4433"),
        ("udp://:4433", #"udp("::1", 4433)"#, "[::1]:4433"),
        ("udp://:4433", #"udp("::", 4433)"#, "127.0.0.1:4433"),
    ]

    @Test(arguments: families)
    func theListenerIsWhereAndAsTheServerBindsIt(
        _ listen: String, _ bind: String, _ ask: String
    ) throws {
        let service = try current(["--listen", listen], "serve(\(bind))")
        #expect(try answers(ask)?.hasPrefix("1.0 on") == true)
        #expect(try service.relevo("upgrade").exit == .code(0))
        #expect(try answers(ask)?.hasPrefix("2.0 on") == true)
        try service.succeed()
        #expect(try service.relevo("upgrade").exit == .code(0))
        #expect(try answers(ask)?.hasPrefix("3.0 on") == true)
        #expect(try listeners(service) == [listen == "udp://:4433" ? "udp://[::]:4433" : listen])
    }

    /// As ntpd does: every address, and each one, sharing them for the moment of a bind alone.
    private static let wildcardAndEach = """
        made = []
        def share(on):
            for each in made: each.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, on)
        def also(host, *options):
            share(1)
            made.append(udp(host, 4433, *options))
            share(0)
        made.append(udp("0.0.0.0", 4433))
        made.append(udp("::", 4433, (socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)))
        reuse = (socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        for host in ("127.0.0.1", "127.0.0.2", "::1"): also(host, reuse)
        share(0)
        serve(*made)
        """

    @Test(arguments: [["--listen", "udp://:4433"], ["--adopt", "udp:4433"]])
    func aServerOfEveryAddressAndOfEachIsUpgraded(_ options: [String]) throws {
        let service = try current(options, Self.wildcardAndEach)
        #expect(try listeners(service).count == 5)
        for generation in 2...3 {
            let upgrade = try service.relevo("upgrade")
            #expect(upgrade.exit == .code(0), "\(upgrade.errors)")
            for address in ["127.0.0.1:4433", "127.0.0.2:4433", "[::1]:4433"] {
                let answer = try answers(address)
                #expect(answer?.hasPrefix("\(generation).0 on") == true, "\(answer ?? "none")")
            }
        }
        try service.succeed()
        #expect(try service.relevo("upgrade").exit == .code(0))
        #expect(try answers("127.0.0.2:4433")?.hasPrefix("4.0 on") == true)
        #expect(try listeners(service).count == 5)
    }

    private static let whole = """
        only6 = (socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        serve(udp("0.0.0.0", 4433), udp("::", 4433, only6), tcp("0.0.0.0", 4433),
              tcp("::", 4433, only6))
        """

    @Test(arguments: [["--listen", "udp://0.0.0.0:4433"], ["--adopt", "auto"]])
    func aServerOfBothTransportsAndFamiliesIsTakenOverWhole(_ options: [String]) throws {
        let service = try current(options, Self.whole)
        #expect(
            Set(try listeners(service)) == [
                "udp://0.0.0.0:4433", "udp://[::]:4433", "tcp://0.0.0.0:4433", "tcp://[::]:4433",
            ])
        let load = try Load(
            to: "tcp://127.0.0.1:4433", ["--flows", "10", "--rate", "100", "--duration", "5min"])
        for generation in 2...3 {
            #expect(try service.relevo("upgrade", "--wait", "drained").exit == .code(0))
            for ask in ["127.0.0.1:4433", "[::1]:4433"] {
                #expect(try answers(ask)?.hasPrefix("\(generation).0 on") == true)
            }
        }
        // These answers are none that the load knows, but every connection was accepted.
        #expect(try load.stopped().refused == 0)
    }

    @Test func aVersionThatBindsLessIsNotReadyAndSaysWhat() throws {
        let service = try current(
            ["--adopt", "udp:*", "--ready-timeout", "2s"],
            #"serve(udp("127.0.0.1", 4433), udp("127.0.0.1", 4434))"#)
        let upgrade = try service.relevo(
            ["upgrade", "--"] + BindingWorker.command("serve(udp())"))
        #expect(
            upgrade.failed(1, saying: "it waits on no socket of udp://127.0.0.1:4434"), "\(upgrade)"
        )
        #expect(try answers("127.0.0.1:4434")?.hasPrefix("1.0 on") == true)
    }

    @Test func aVersionThatFailsTakesWhatItAloneHasBoundWithIt() throws {
        let service = try current(
            ["--adopt", "udp:*", "--ready-timeout", "2s"], "serve(udp())")
        let more = BindingWorker.command(
            """
            first, second = udp(), udp("127.0.0.1", 4434)
            sys.exit(3)
            """)
        #expect(try service.relevo(["upgrade", "--"] + more).exit == .code(1))
        #expect(try service.relevo("upgrade").exit == .code(0))
        #expect(try service.status().current == 3)
        #expect(try answers("127.0.0.1:4433")?.hasPrefix("3.0 on") == true)
        let stranger = try DatagramSocket.bound(
            to: .loopback(port: 4434), options: DatagramSocketOptions(reusePort: false))
        _ = consume stranger
    }

    @Test func withoutAListenerItIsOnlyToldWhatTheServerBinds() throws {
        let service = try Service(
            ["--name", "x"],
            command: BindingWorker.command(#"serve(udp(), udp("127.0.0.1", 0), tcp())"#))
        #expect(
            try service.line(
                with: "the server binds udp://127.0.0.1:4433, tcp://127.0.0.1:4433, and was")
                != nil)
        #expect(try service.process.exit() == .code(64))
    }

    @Test func whatTwoGenerationsWouldBothHaveIsTold() throws {
        let service = try current(
            ["--listen", "udp://127.0.0.1:4433"],
            #"serve(udp(), udp("127.0.0.1", 4999))"#)
        let upgrade = try service.relevo("upgrade")
        #expect(upgrade.failed(1, saying: "it was refused an address"), "\(upgrade)")
        #expect(try service.line(with: "--adopt udp:4999 has both served") != nil)
    }

    /// As ntpd does: every address, and each one as well.
    @Test func aServerOfEveryAddressIsServedAtTheOneThatIsNamedToo() throws {
        let service = try current(["--listen", "udp://127.0.0.1:4433"], Self.wildcardAndEach)
        let served = [
            "udp://127.0.0.1:4433", "udp://0.0.0.0:4433", "udp://[::]:4433",
            "udp://127.0.0.2:4433", "udp://[::1]:4433",
        ]
        #expect(try Set(listeners(service)) == Set(served))
        for generation in 1...3 {
            if generation > 1 {
                let upgrade = try service.relevo("upgrade")
                #expect(upgrade.exit == .code(0), "\(upgrade.errors)")
            }
            let answer = try answers("127.0.0.1:4433")
            #expect(answer?.hasPrefix("\(generation).0 on") == true, "\(answer ?? "none")")
        }
        #expect(try Set(listeners(service)) == Set(served))
    }
}
