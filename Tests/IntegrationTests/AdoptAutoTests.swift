import ControlProtocol
import Kernel
import TestKit
import Testing

/// `--adopt auto`: what serves is a listener, and nothing else.
@Suite(.ownNetwork, .needsRoot)
struct AdoptAutoTests {
    private func listeners(_ service: Service) throws -> [String] {
        try service.status().listeners.map(\.address)
    }

    private func answers(_ address: String) throws -> String? {
        try Question(to: try #require(SocketAddress(address))).ask()
    }

    /// Binds ports of its own to ask others, as a resolver does, one for each kind of use.
    private static let resolver = """
        first = 20000 + int(me.split(".")[0]) * 10
        asking = [udp("0.0.0.0", first + n) for n in range(6)]
        for each in asking[:3]:
            each.connect(("127.0.0.1", 9))
        for each in asking[4:]:
            each.close()
        serve(udp(), tcp())
        """

    @Test func aResolversQuestionsAreNoListeners() throws {
        let service = try Service.current(
            ["--adopt", "auto", "--linger", "20ms", "--drain-timeout", "100ms"],
            command: BindingWorker.command(Self.resolver))
        for generation in 2...4 {
            let upgrade = try service.relevo("upgrade", "--wait", "drained")
            #expect(upgrade.exit == .code(0), "\(upgrade)")
            #expect(try answers("127.0.0.1:4433")?.hasPrefix("\(generation).0 on") == true)
        }
        // The one that is open without a peer may serve, for all that can be seen.
        #expect(
            Set(try listeners(service)) == [
                "udp://127.0.0.1:4433", "tcp://127.0.0.1:4433", "udp://0.0.0.0:20043",
            ])
        try service.succeed()
        #expect(try service.relevo("upgrade").exit == .code(0))
    }

    @Test(.needsProgram("named", in: "bind9")) func namedAsItIsIsUpgradedUnderLoad() throws {
        let server = try RealServer.named(
            options: "recursion yes; forwarders { 127.0.0.77; }; dnssec-validation auto;")
        let service = try Service.current(
            [
                "--adopt", "auto", "--linger", "100ms", "--idle-timeout", "1s",
                "--drain-timeout", "1s",
            ], command: server.command)
        let load = try service.load(["--dns", "www.example.com", "--rate", "200"])
        for _ in 2...4 {
            #expect(try service.upgrade("--wait", "drained"))
            #expect(try service.receives(100))
        }
        let result = try load.stopped()
        #expect(result.ok && result.sent > 0 && result.answered == result.sent, "\(result)")
        #expect(
            Set(try listeners(service)) == ["udp://127.0.0.1:4433", "tcp://127.0.0.1:4433"])
    }

    /// Has a socket at each address of the machine, as named, ntpd and dnsmasq have.
    private static let everyAddress = """
        import re, subprocess

        have = {}
        waiting = select.epoll()

        def look():
            out = subprocess.run(["ip", "-4", "-o", "addr"], capture_output=True, text=True).stdout
            now = set(re.findall(r"inet ([0-9.]+)/", out))
            for gone in set(have) - now:
                have.pop(gone).close()
                tell("closed", gone)
            for new in now - set(have):
                have[new] = udp(new, 4433)
                waiting.register(have[new].fileno(), select.EPOLLIN)
                tell("opened", new)

        while True:
            look()
            for number, _ in waiting.poll(0.05):
                for each in have.values():
                    if each.fileno() == number:
                        data, peer = each.recvfrom(65536)
                        each.sendto((me + " on " + str(number)).encode(), peer)
        """

    private func ip(_ arguments: String...) throws {
        #expect(try Finished.running(["ip", "address"] + arguments).succeeded)
    }

    @Test(arguments: [
        ["--adopt", "auto"], ["--adopt", "udp:4433"], ["--listen", "udp://0.0.0.0:4433"],
    ])
    func anAddressThatComesAndGoesIsFollowed(_ options: [String]) throws {
        try ip("add", "10.9.0.1/24", "dev", "lo")
        let service = try Service.current(
            options, command: BindingWorker.command(Self.everyAddress))
        #expect(try answers("10.9.0.1:4433")?.hasPrefix("1.0 on") == true)
        try ip("del", "10.9.0.1/24", "dev", "lo")
        #expect(try service.line(with: "told closed 10.9.0.1") != nil)
        let upgrade = try service.relevo("upgrade")
        #expect(upgrade.exit == .code(0), "\(upgrade)")
        #expect(try answers("127.0.0.1:4433")?.hasPrefix("2.0 on") == true)
        try ip("add", "10.9.0.2/24", "dev", "lo")
        #expect(try service.line(with: "told opened 10.9.0.2") != nil)
        #expect(try eventually { try answers("10.9.0.2:4433")?.hasPrefix("2.0 on") == true })
        let again = try service.relevo("upgrade")
        #expect(again.exit == .code(0), "\(again)")
        #expect(try answers("10.9.0.2:4433")?.hasPrefix("3.0 on") == true)
    }

    @Test func aVirtualAddressThatIsAwayHoldsNoUpgradeUp() throws {
        try ip("add", "10.9.0.1/24", "dev", "lo")
        let service = try Service.current(
            ["--listen", "udp://10.9.0.1:4433", "--listen", "tcp://10.9.0.1:4433"],
            command: BindingWorker.command(#"serve(udp("10.9.0.1"), tcp("10.9.0.1"))"#))
        try ip("del", "10.9.0.1/24", "dev", "lo")
        let upgrade = try service.relevo("upgrade")
        #expect(upgrade.exit == .code(0), "\(upgrade)")
        try ip("add", "10.9.0.1/24", "dev", "lo")
        #expect(try answers("10.9.0.1:4433")?.hasPrefix("2.0 on") == true)
    }

    @Test(arguments: [["--adopt", "auto"], ["--adopt", "udp:4433", "--adopt", "udp:844"]])
    func whatAFailedUpgradeHasAdoptedGoesWithIt(_ options: [String]) throws {
        let service = try Service.current(
            options, command: BindingWorker.command("serve(udp())"))
        #expect(try listeners(service) == ["udp://127.0.0.1:4433"])
        let failed = try service.relevo(
            ["upgrade", "--"]
                + BindingWorker.command("one, two = udp(), udp('127.0.0.1', 844)\nsys.exit(1)"))
        #expect(failed.exit == .code(1), "\(failed)")
        #expect(try eventually { try listeners(service) == ["udp://127.0.0.1:4433"] })
        #expect(
            try eventually { !BoundAddresses.contains(.loopback(port: 844), stream: false) })
        // Neither this supervisor nor the next asks anybody to serve there.
        #expect(try service.relevo("upgrade").exit == .code(0))
        try service.succeed()
        #expect(try service.relevo("upgrade").exit == .code(0))
        #expect(try answers("127.0.0.1:4433")?.hasPrefix("4.0 on") == true)
        #expect(try listeners(service) == ["udp://127.0.0.1:4433"])
        // One that does bind it is served.
        let wider = try service.relevo(
            ["upgrade", "--"] + BindingWorker.command("serve(udp(), udp('127.0.0.1', 844))"))
        #expect(wider.exit == .code(0), "\(wider)")
        #expect(try answers("127.0.0.1:844")?.hasPrefix("5.0 on") == true)
    }
}
