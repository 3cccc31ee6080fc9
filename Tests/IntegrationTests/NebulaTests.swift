import ControlProtocol
import TestKit
import Testing

/// Sessions of real Nebula programs, whose clients change their address over upgrades.
@Suite(
    .ownNetwork, .needsRoot, .needsFlowSteering, .needsProgram("nebula", in: "nebula"),
    .needsProgram("nebula-cert", in: "nebula"))
struct NebulaTests {
    @Test func sessionsStayWithTheirProcessWhenTheirClientsAddressChanges() throws {
        let generations = 3
        let program = try NebulaProgram(clients: generations, port: 4242)
        let service = try Service.current(
            ["--listen", "udp://127.0.0.1:4242", "--steering", "nebula", "--linger", "20ms"],
            command: program.server)
        let clients = try program.clients(of: service)
        var expected: [String] = []
        for generation in 1...generations {
            if generation > 1 { expected.append("upgrade 0") }
            let homes = (1...generation).map { "[\($0)]" }.joined(separator: ", ")
            expected += ["opened in [\(generation)]", "kept in [\(homes)]"]
        }
        #expect(clients.output == expected, "\(clients)")
        let rules = try #require(try service.status().listeners.first?.counters.rules)
        // Each client once for each generation that it has seen.
        #expect(rules.rebound == 6, "\(rules)")
        #expect(rules.learned >= 3, "\(rules)")
        #expect(rules.guessed == 0, "\(rules)")
    }
}
