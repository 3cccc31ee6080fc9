import ControlProtocol
import Kernel
import TestKit
import Testing

/// Servers that bind their sockets to an interface (SO_BINDTODEVICE), as DHCP servers do.
@Suite(.ownNetwork, .needsRoot, .needsOwnNetwork)
struct InterfaceTests {
    private static let first = SocketAddress.loopback(port: 4433)

    /// A socket at each of some interfaces.
    private func server(_ interfaces: String...) -> [String] {
        let sockets = interfaces.map {
            #"udp("0.0.0.0", 4433, (socket.SOL_SOCKET, 25, b"\#($0)\0"))"#
        }
        return BindingWorker.command("serve(\(sockets.joined(separator: ", ")))")
    }

    private func run(_ command: String...) throws {
        let finished = try Finished.running(command)
        #expect(finished.succeeded, "\(finished)")
    }

    private func listeners(_ service: Service) throws -> [String] {
        try service.status().listeners.map(\.address).sorted()
    }

    private func ask() throws -> String? { try Question(to: Self.first).ask() }

    @Test(arguments: [
        ["--listen", "udp://0.0.0.0:4433"], ["--listen", "udp://0.0.0.0%lo:4433"],
        ["--adopt", "udp:4433"],
    ])
    func itsSocketsAreTheServices(_ options: [String]) throws {
        let service = try Service.current(options, command: server("lo"))
        let old = try Question(to: Self.first)
        #expect(try old.ask()?.hasPrefix("1.0 on") == true)
        #expect(try service.relevo("upgrade").exit == .code(0))
        for _ in 0..<20 { #expect(try ask()?.hasPrefix("2.0 on") == true) }
        #expect(try old.ask()?.hasPrefix("1.0 on") == true)
        // The next supervisor knows it, and a worker's successor gets the same queue.
        try service.succeed()
        try service.signal(9, of: 2)
        #expect(try service.restarted())
        #expect(try ask()?.hasPrefix("2.0 on") == true)
        #expect(try service.relevo("upgrade").exit == .code(0))
        #expect(try ask()?.hasPrefix("3.0 on") == true)
        #expect(try service.status().listeners.allSatisfy { ($0.problems ?? []).isEmpty })
    }

    @Test func oneAtEachInterfaceIsServedAndUpgraded() throws {
        try run("ip", "link", "add", "one", "type", "veth", "peer", "name", "other")
        let service = try Service.current(
            ["--listen", "udp://0.0.0.0:4433"], command: server("lo", "one", "other"))
        #expect(
            try listeners(service) == [
                "udp://0.0.0.0%one:4433", "udp://0.0.0.0%other:4433", "udp://0.0.0.0:4433",
            ])
        #expect(try service.relevo("upgrade").exit == .code(0))
        #expect(try ask()?.hasPrefix("2.0 on") == true)
        try service.succeed()
        // One that has gone holds no upgrade up.
        try run("ip", "link", "delete", "one")
        let upgrade = try service.relevo("upgrade", "--", PythonWorker.interpreter, "-c", "pass")
        #expect(upgrade.exit == .code(1), "\(upgrade)")
        #expect(try ask()?.hasPrefix("2.0 on") == true)
        let other = try service.relevo(["upgrade", "--"] + server("lo"))
        #expect(other.exit == .code(0), "\(other)")
        #expect(try ask()?.hasPrefix("4.0 on") == true)
    }

    @Test func anInterfaceThatIsNotThereIsNamed() throws {
        let service = try Service(
            ["--listen", "udp://0.0.0.0%nothing:4433"], command: server("lo"))
        #expect(try service.line(with: "udp://0.0.0.0%nothing:4433: ") != nil)
    }
}
