import ControlProtocol
import Kernel
import TestKit
import Testing

/// A server that starts with its network: its IPv6 address is being asked for on the link still.
@Suite(.ownNetwork, .needsRoot, .needsOwnNetwork)
struct TentativeAddressTests {
    private static let address = SocketAddress.ipv6(0xfd << 120 | 1, port: 4433, scope: 0)

    private func run(_ command: String...) throws {
        let finished = try Finished.running(command)
        #expect(finished.succeeded, "\(finished)")
    }

    /// - Parameter asking: how many seconds it is asked for.
    private func makeAddress(asking: Int) throws {
        try run("ip", "link", "add", "one", "type", "veth", "peer", "name", "other")
        try run("sh", "-c", "echo \(asking) > /proc/sys/net/ipv6/conf/one/dad_transmits")
        try run("ip", "link", "set", "one", "up")
        try run("ip", "link", "set", "other", "up")
        try run("ip", "address", "add", "fd00::1/64", "dev", "one")
    }

    @Test(arguments: [
        #"serve(udp("fd00::1"))"#,
        #"serve(udp("fd00::1", 4433, (socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)))"#,
    ])
    func theServiceStartsAndIsHeardAsSoonAsTheAddressIsThere(_ body: String) throws {
        try makeAddress(asking: 6)
        let folder = try TemporaryFolder()
        let settings = folder.file("echo.conf")
        try writeFile(
            settings,
            Array(
                "[Service]\nName=echo\nCommand=/bin/cat\n[Listener]\nAddress=udp://[fd00::1]:4433\n"
                    .utf8))
        let check = try Finished.running([try Programs.path("relevo"), "check-settings", settings])
        #expect(check.succeeded, "\(check)")
        let service = try Service.current(
            ["--listen", "udp://[fd00::1]:4433"], command: BindingWorker.command(body))
        #expect(TentativeAddresses.contains(Self.address), "the test was too slow to see it")
        #expect(try eventually { !TentativeAddresses.contains(Self.address) })
        #expect(try Question(to: Self.address).ask()?.hasPrefix("1.0 on") == true)
        #expect(try service.relevo("upgrade").exit == .code(0))
        #expect(try Question(to: Self.address).ask()?.hasPrefix("2.0 on") == true)
    }

    @Test func oneThatNoInterfaceHasIsRefusedAsEver() throws {
        try makeAddress(asking: 1)
        let service = try Service(
            ["--listen", "udp://[fd00::2]:4433"],
            command: BindingWorker.command(#"serve(udp("fd00::2"))"#))
        #expect(try service.line(with: "no interface has it") != nil)
        #expect(!TentativeAddresses.contains(.ipv6(0xfd << 120 | 2, port: 1, scope: 0)))
    }
}
