import Kernel
import TestKit
import Testing

/// Clients of servers that know nothing of Relevo, whose address and ids change in the middle of a download that
/// outlasts an upgrade: `examples/servers/run moving`, a few times. RELEVO_TEST_UPGRADES says how often.
@Suite(.ownNetwork, .needsRoot, .needsFlowSteering, .needsVarlink, .serialized)
struct MovingClientsTests {
    @Test(arguments: ["rotate", "roam-copied", "roam-killed", "shared-port"])
    func ofAioquicAreKept(way: String) throws { try move("http3", way) }

    @Test(
        .needsProgram("gtlsserver", in: "ngtcp2-server"), arguments: ["rebind", "roam-copied"])
    func ofNgtcp2AreKept(way: String) throws { try move("ngtcp2", way) }

    private func move(_ server: String, _ way: String) throws {
        let upgrades = Environment.value(of: "RELEVO_TEST_UPGRADES") ?? "1"
        let relevo = try Programs.path("relevo")
        let folder = relevo.prefix(upTo: try #require(relevo.lastIndex(of: "/")))
        let found = try Finished.running(
            [
                try #require(VarlinkProgram.interpreter), "-B", "-m", "kit.moving", "--inside",
                "--times", upgrades, "--way", way, server,
            ],
            environment: Environment.strings().filter { !$0.hasPrefix("PATH=") } + [
                "PATH=\(folder):\(Environment.value(of: "PATH") ?? "")",
                "PYTHONPATH=\(Self.servers)",
            ], within: .seconds(3600))
        #expect(found.exit == .code(0), "\(found)")
    }

    /// The folder with the servers and their clients.
    private static let servers =
        #filePath.dropLast("Tests/IntegrationTests/MovingClientsTests.swift".utf8.count)
        + "examples/servers"
}
