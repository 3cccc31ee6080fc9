import ControlProtocol
import FoundationEssentials
import Kernel
import TestKit
import Testing

/// Sessions with ids by `relevo-load`, over upgrades: steering by ids keeps them, steering by addresses breaks them,
/// and the load says so.
@Suite(.ownNetwork, .needsRoot, .needsFlowSteering)
struct SessionLoadTests {
    private struct Report: Decodable {
        let ok: Bool
        let faults: [String]
        let sessions: Int
        let broken: Int
        let brokenAfter: [String: Int]
        let changes: [String: Int]
        let sent: Int
        let lost: Int
        let misrouted: Int
        let stale: Int
        let generations: [String: Int]
    }

    private func run(
        _ form: String, steering: String, _ options: [String], upgrades: Int = 2
    ) throws -> Report {
        let service = try Service.current(
            ["--listen", "udp://127.0.0.1:4433", "--steering", steering, "--linger", "20ms"],
            command: try Programs.echo() + ["--protocol", form])
        let load = try TestProcess(
            [
                try Programs.path("relevo-load"), "send", "--to", "127.0.0.1:4433", "--json",
                "--protocol", form, "--flows", "40", "--rate", "1500", "--duration", "5min",
            ] + options, separateErrors: true)
        for _ in 0..<upgrades {
            // Each generation has sessions of its own, which have changed something.
            let before = try datagrams(service)
            #expect(try eventually { try datagrams(service) > before + 1500 })
            #expect(try service.upgrade())
        }
        let last = try datagrams(service)
        #expect(try eventually { try datagrams(service) > last + 1500 })
        try load.signal(SignalNumber.terminate)
        let finished = try load.finished(within: .seconds(60))
        return try JSONDecoder().decode(Report.self, from: Data(finished.text.utf8))
    }

    private func datagrams(_ service: Service) throws -> Int {
        try service.status().listeners.first?.counters.datagrams ?? 0
    }

    @Test func quicSessionsAreKeptWhenTheirClientsGetAnotherPortAndAnotherId() throws {
        let found = try run(
            "quic", steering: "quic",
            ["--rebind", "700ms", "--rotate", "500ms", "--open-rate", "10"])
        #expect(found.ok && found.broken == 0 && found.misrouted == 0, "\(found)")
        #expect(found.changes["rebind", default: 0] > 40, "\(found)")
        #expect(found.changes["rotate", default: 0] > 40, "\(found)")
        #expect(found.generations.count == 3, "\(found)")
    }

    @Test func wireguardSessionsAreKeptWhenTheirClientsGetAnotherPort() throws {
        let found = try run("wireguard", steering: "wireguard", ["--rebind", "700ms"])
        #expect(found.ok && found.broken == 0, "\(found)")
        #expect(found.changes["rebind", default: 0] > 40, "\(found)")
    }

    /// What nobody steers by ids is broken, and said to be.
    @Test func sessionsAreBrokenWhereTheirAddressIsAllThatCounts() throws {
        let found = try run("quic", steering: "flow", ["--rebind", "700ms"], upgrades: 1)
        #expect(!found.ok && found.broken >= 20, "\(found)")
        #expect(found.brokenAfter["rebind", default: 0] == found.broken, "\(found)")
        #expect(found.lost == 0, "\(found)")
    }
}
