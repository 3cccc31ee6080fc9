import ControlProtocol
import TestKit
import Testing

/// Connections of a real QUIC stack, whose clients change their address over upgrades.
@Suite(.ownNetwork, .needsRoot, .needsFlowSteering, .needsVarlink)
struct QUICTests {
    @Test(arguments: ["1", "2"])
    func connectionsStayWithTheirProcessWhenTheirClientsAddressChanges(workers: String) throws {
        let folder = try TemporaryFolder()
        try QUICProgram.makeCertificate(in: folder)
        let service = try Service.current(
            [
                "--listen", "udp://127.0.0.1:4433", "--steering", "quic", "--workers", workers,
                "--linger", "20ms",
            ], command: try QUICProgram.server(in: folder, at: 4433))
        // A supervisor that takes over knows the ids as well.
        if workers == "2" { try service.succeed() }
        let upgrades = 3
        let clients = try QUICProgram.clients(of: service, at: 4433, upgrades: upgrades)
        var expected: [String] = []
        for generation in 0...upgrades {
            if generation > 0 { expected.append("upgrade 0") }
            let live = 8 * (generation + 1)
            expected += ["opened 8 of 8", "kept \(live) of \(live)", "kept \(live) of \(live)"]
        }
        #expect(clients.output == expected, "\(clients)")
        let rules = try #require(try service.status().listeners.first?.counters.rules)
        #expect(rules.rebound >= 8 * (upgrades + 1), "\(rules)")
        #expect(rules.learned >= 8 * (upgrades + 1), "\(rules)")
        #expect(rules.guessed == 0, "\(rules)")
    }
}
