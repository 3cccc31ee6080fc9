import ControlProtocol
import Kernel
import TestKit
import Testing

extension UnderSystemd {
    @Suite struct SocketActivation {
        /// A socket unit with so many lines.
        private func socket(_ lines: Int, _ extra: String = "ReusePort=yes") -> [String: String] {
            let line = "ListenDatagram=127.0.0.1:4433\n"
            let lines = String(repeating: line, count: lines)
            return ["echo.socket": "[Socket]\n\(lines)\(extra)\n"]
        }

        /// The unit on its sockets, started.
        private func started(
            _ options: String = "", extra: String = "", sockets: [String: String]
        ) throws -> EchoUnit {
            let echo = try EchoUnit(
                options, extra: "Sockets=echo.socket\nNonBlocking=yes\n\(extra)", listening: "",
                others: sockets)
            let start = try echo.systemctl("start")
            try #require(start.exit == .code(0), "\(start.errors) \(echo.journal)")
            return echo
        }

        private let unprivileged = """
            User=nobody
            AmbientCapabilities=CAP_BPF
            CapabilityBoundingSet=CAP_BPF
            """

        /// Sockets that are bound in the machine.
        private func bound(_ echo: EchoUnit) throws -> Int {
            try echo.machine.shell("ss -Hlun '( sport = :4433 or sport = :4434 )'").output.count
        }

        @Test(arguments: [false, true])
        func givesTheSlotsOfGenerationAfterGeneration(_ isUnprivileged: Bool) throws {
            let echo = try started(
                "--workers 2", extra: isUnprivileged ? unprivileged : "", sockets: socket(4))
            #expect(try echo.status().listeners.map(\.address) == ["udp://127.0.0.1:4433"])
            let load = try echo.machine.load(
                ["--flows", "100", "--rate", "1000", "--open-rate", "200", "--duration", "1min"])
            for generation in 2...4 {
                #expect(try echo.eventually { $0.generations.filter(\.lives).count == 1 })
                let reload = try echo.systemctl("reload")
                #expect(reload.exit == .code(0), "\(echo.journal)")
                #expect(try echo.status().current == generation)
            }
            #expect(try bound(echo) == 4)
            let result = try load.stopped()
            #expect(result.ok && result.lost == 0 && result.sent > 0, "\(result)")
        }

        @Test(arguments: [false, true])
        func staySlotsUnderTheNextSupervisor(_ isUnprivileged: Bool) throws {
            let echo = try started(
                "--workers 2", extra: isUnprivileged ? unprivileged : "", sockets: socket(4))
            let workers = try echo.workers()
            let load = try echo.load(.lasting)
            for ending in [Ending.killed, .restarted] {
                try echo.end(ending)
                #expect(try echo.eventually { $0.current == 1 })
            }
            #expect(try echo.workers() == workers)
            let result = try load.stopped()
            #expect(result.isWhole(by: 1), "\(result)")
            for _ in 2...4 {
                let reload = try echo.systemctl("reload")
                #expect(reload.exit == .code(0), "\(echo.journal)")
                #expect(try echo.settles())
            }
            #expect(try bound(echo) == 4)
            #expect(try echo.probe().isWhole(by: 4))
        }

        @Test func needsNoPrivilegeForUDPAndTCPWithoutSessions() throws {
            let lines = """
                ReusePort=yes
                ListenStream=127.0.0.1:4433
                ListenStream=127.0.0.1:4433
                """
            let echo = try started(
                "--steering stateless", extra: "User=nobody\nCapabilityBoundingSet=",
                sockets: socket(2, lines))
            for _ in 2...4 {
                #expect(try echo.systemctl("reload").exit == .code(0), "\(echo.journal)")
                #expect(try echo.settles())
            }
            #expect(try echo.probe().isWhole(by: 4))
            let connections = try echo.machine.load(
                ["--rate", "100", "--duration", "500ms"], to: "tcp://127.0.0.1:4433")
            let result = try connections.result()
            #expect(result.ok && result.sent > 0, "\(result)")
        }

        @Test func growsByItselfAsRoot() throws {
            let echo = try started(sockets: socket(1))
            #expect(try echo.systemctl("reload").exit == .code(0))
            #expect(try echo.machine.load(["--flows", "10", "--duration", "200ms"]).result().ok)
            #expect(try bound(echo) == 2)
        }

        @Test func saysWhatToAddWhereItCannotGrow() throws {
            let echo = try started(extra: unprivileged, sockets: socket(1))
            #expect(try echo.systemctl("reload").exit != .code(0))
            #expect(try echo.says("add ListenDatagram= lines"))
            #expect(try echo.machine.load(["--flows", "10", "--duration", "200ms"]).result().ok)
        }

        @Test(arguments: ["flow", "stateless"])
        func theDatagramsThatStartTheServiceAreAnswered(_ steering: String) throws {
            let unprivileged = steering == "flow" ? "" : unprivileged.replacing("CAP_BPF", with: "")
            let echo = try EchoUnit(
                "--steering \(steering)",
                extra: "Sockets=echo.socket\nNonBlocking=yes\nRestart=no\n\(unprivileged)",
                listening: "", others: socket(8))
            #expect(try echo.machine.systemctl("start", "echo.socket").exit == .code(0))
            for _ in 1...3 {
                let load = try echo.machine.load(
                    ["--flows", "1", "--rate", "100", "--duration", "2s", "--timeout", "10s"])
                let result = try load.result()
                #expect(result.isWhole(by: 1), "\(result) \(echo.journal)")
                // The sockets outlive the service, and are as they were before.
                #expect(try echo.systemctl("stop").exit == .code(0))
            }
        }

        @Test func aListenerOfTheSameAddressTakesThem() throws {
            let echo = try EchoUnit(
                extra: "Sockets=echo.socket\nNonBlocking=yes",
                listening: "--listen udp://127.0.0.1:4433 --listen udp://127.0.0.1:4434",
                others: socket(2))
            #expect(try echo.systemctl("start").exit == .code(0), "\(echo.journal)")
            #expect(
                try echo.status().listeners.map(\.address)
                    == ["udp://127.0.0.1:4433", "udp://127.0.0.1:4434"])
            #expect(try bound(echo) == 3)
        }

        @Test(arguments: [
            ("ReusePort=no", "add ReusePort=yes to [Socket]"),
            ("ReusePort=yes\nListenDatagram=/run/echo.socket", "no UDP or TCP socket"),
        ])
        func socketsThatCanBeNoSlotsAreRefused(_ lines: String, _ words: String) throws {
            let echo = try EchoUnit(
                extra: "Sockets=echo.socket\nNonBlocking=yes\nRestart=no", listening: "",
                others: socket(1, lines))
            #expect(try echo.systemctl("start").exit != .code(0))
            #expect(try echo.says(words), "\(echo.journal)")
        }

        @Test func blockingSocketsAreWarnedOf() throws {
            let echo = try EchoUnit(
                extra: "Sockets=echo.socket", listening: "", others: socket(2))
            #expect(try echo.systemctl("start").exit == .code(0))
            #expect(try echo.says("add NonBlocking=yes to the [Service] of the unit"))
        }
    }
}
