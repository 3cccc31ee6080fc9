import ControlProtocol
import Kernel
import TestKit
import Testing

/// What a listener refuses, and how far it goes.
@Suite(.ownNetwork, .needsRoot)
struct ListenersLimitTests {
    /// How another program may have bound an address: what it says to python's socket, and whether
    /// it shares the port.
    static let others = [
        (listen: "udp://127.0.0.1:4433", family: "AF_INET", host: "127.0.0.1", shares: false),
        (listen: "udp://127.0.0.1:4433", family: "AF_INET", host: "127.0.0.1", shares: true),
        (listen: "udp://0.0.0.0:4433", family: "AF_INET", host: "0.0.0.0", shares: true),
        (listen: "udp://[::1]:4433", family: "AF_INET6", host: "::1", shares: true),
        (listen: "udp://:4433", family: "AF_INET6", host: "::", shares: true),
        (listen: "udp://:4433", family: "AF_INET", host: "0.0.0.0", shares: true),
        (listen: "tcp://127.0.0.1:4433", family: "AF_INET", host: "127.0.0.1", shares: false),
        (listen: "tcp://127.0.0.1:4433", family: "AF_INET", host: "127.0.0.1", shares: true),
    ]

    @Test(arguments: others)
    func anAddressThatAnotherProgramHasIsRefusedWithTheReason(
        listen: String, family: String, host: String, shares: Bool
    ) throws {
        let isStream = listen.hasPrefix("tcp")
        let other = try TestProcess([
            PythonWorker.interpreter, "-c",
            """
            import signal, socket
            s = socket.socket(socket.\(family), socket.\(isStream ? "SOCK_STREAM" : "SOCK_DGRAM"))
            if \(shares ? "True" : "False"):
                s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            s.bind(("\(host)", 4433))
            if \(isStream ? "True" : "False"):
                s.listen()
            print("bound", flush=True)
            signal.pause()
            """,
        ])
        #expect(try other.output.next() == "bound")
        let service = try Service(["--listen", listen], command: try Programs.echo())
        let finished = try service.process.finished()
        #expect(finished.exit == .code(1))
        #expect(finished.text.contains("in use"), "\(finished.output)")
        #expect(
            finished.text.contains(
                "another program listens there: python3, process \(other.pid)"),
            "\(finished.output)")
        #expect(!finished.text.contains("worker 1.0 started"))
    }

    @Test func anAddressOfAnotherMachineIsRefusedWithTheReason() throws {
        let service = try Service(
            ["--listen", "udp://192.0.2.7:4433"], command: try Programs.echo())
        let finished = try service.process.finished()
        #expect(finished.exit == .code(1))
        #expect(
            finished.text.contains("no interface has it: ip address shows which have"),
            "\(finished.output)")
    }

    @Test func sixtyFourSocketsAreServedAndHandedOver() throws {
        let service = try Service.current(
            [
                "--listen", "udp://127.0.0.1:4433", "--workers", "8", "--sockets-per-worker", "8",
                "--ready-timeout", "60s",
            ], command: try Programs.echo())
        let load = try Load(
            to: "127.0.0.1:4433", ["--flows", "1000", "--rate", "2000", "--duration", "4s"])
        #expect(try service.eventually { $0.listeners.first?.counters.newFlows ?? 0 == 1000 })
        let upgrade = try service.relevo("upgrade")
        #expect(upgrade.exit == .code(0), "\(upgrade.errors)")
        let result = try load.result()
        #expect(result.ok, "\(result.faults)")
        #expect(result.answered == result.sent)
        let after = try Load(
            to: "127.0.0.1:4433", ["--flows", "1000", "--rate", "4000", "--duration", "500ms"]
        ).result()
        #expect(after.ok, "\(after.faults)")
        #expect(after.generations.keys.sorted() == ["2"])
        #expect(try service.status().generations.last?.workers.count { $0.state == .ready } == 8)
    }

    @Test func moreSlotsThanAListenerHasAreRefusedAtTheUpgradeAndNothingChanges() throws {
        let service = try Service.current(
            ["--listen", "udp://127.0.0.1:4433", "--sockets-per-worker", "200"],
            command: PythonWorker.command("notify('READY=1')\nserve()"))
        let upgrade = try service.relevo("upgrade", "--workers", "2")
        #expect(upgrade.exit == .code(1))
        #expect(
            upgrade.errors.first?.contains("2 workers with 200 sockets each do not fit") == true,
            "\(upgrade.errors)")
        #expect(try service.status().current == 1)
        let address = try #require(SocketAddress("127.0.0.1:4433"))
        #expect(try Question(to: address).ask()?.hasPrefix("1.0 on ") == true)
        #expect(try service.relevo("upgrade").exit == .code(0))
    }

    @Test func moreSlotsThanAListenerHasAreRefusedAtTheStart() throws {
        let service = try Service(
            ["--listen", "udp://127.0.0.1:4433", "--workers", "300"],
            command: try Programs.echo())
        let finished = try service.process.finished()
        #expect(finished.exit != .code(0))
        #expect(
            finished.text.contains("300 workers do not fit")
                && finished.text.contains("Overlap=no"),
            "\(finished.output)")
    }

    @Test func aReceiveBufferThatIsCappedIsSaidOnceWithWhatToDo() throws {
        let service = try Service.current(
            [
                "--listen", "udp://127.0.0.1:4433", "--steering", "stateless", "--workers", "3",
                "--receive-buffer", "512M", "--linger", "0",
            ], command: try Programs.echo(),
            as: ["setpriv", "--bounding-set", "-net_admin", "--inh-caps", "-all"])
        #expect(try service.relevo("upgrade", "--wait", "drained").exit == .code(0))
        #expect(try service.line(with: "handover 1 to 2 completed") != nil)
        let warnings = service.process.output.lines.filter { $0.contains("net.core.rmem_max") }
        #expect(warnings.count == 1, "\(service.process.output.lines)")
        #expect(warnings.first?.contains("warning: udp://127.0.0.1:4433") == true)
    }

    @Test func aReceiveBufferThatIsGrantedIsNotSpokenOf() throws {
        let service = try Service.current(
            ["--listen", "udp://127.0.0.1:4433"], command: try Programs.echo())
        #expect(!service.process.output.lines.contains { $0.contains("rmem_max") })
    }
}
