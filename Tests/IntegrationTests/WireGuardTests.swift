import ControlProtocol
import TestKit
import Testing

/// Sessions of real WireGuard programs, whose clients change their address over upgrades.
@Suite(
    .ownNetwork, .needsRoot, .needsFlowSteering,
    .needsProgram("wireguard-go", in: "wireguard-go"), .needsProgram("wg", in: "wireguard-tools"))
struct WireGuardTests {
    @Test func sessionsStayWithTheirProcessWhenTheirClientsAddressChanges() throws {
        let port: UInt16 = 51_820
        let generations = 3
        let program = try WireGuardProgram(clients: generations, port: port)
        let service = try Service.current(
            [
                "--listen", "udp://0.0.0.0:\(port)", "--listen", "udp://[::]:\(port)",
                "--steering", "wireguard", "--linger", "20ms",
            ], command: program.server)
        let clients = try program.clients(of: service, at: port)
        var expected: [String] = []
        for generation in 1...generations {
            if generation > 1 { expected.append("upgrade 0") }
            let homes = (1...generation).map { "[\($0)]" }.joined(separator: ", ")
            expected += ["opened in [\(generation)]", "kept in [\(homes)]"]
        }
        #expect(clients.output == expected, "\(clients)")
        let counters = try #require(try service.status().listeners.first?.counters)
        let rules = try #require(counters.rules)
        // Each client opens once, and moves once for each generation that it has seen. A move that begins with new
        // keys would count as an opening.
        #expect(rules.rebound + counters.newFlows == 3 + 6, "\(counters)")
        #expect(rules.rebound >= 3, "\(rules)")
        #expect(rules.learned >= 3, "\(rules)")
        #expect(rules.guessed == 0, "\(rules)")
        #expect(rules.hinted == 0, "\(rules)")
    }
}
