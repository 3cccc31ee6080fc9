import ControlProtocol
import FoundationEssentials
import Kernel
import TestKit
import Testing

/// `relevo flows` against a service under load.
@Suite(.ownNetwork, .needsRoot, .needsFlowSteering)
struct FlowsTests {
    private static let address = "127.0.0.1:4433"
    private static let options = ["--listen", "udp://\(address)", "--linger", "20ms"]

    private func flows(_ service: Service, _ options: String...) throws -> FlowsReply {
        let told = try service.relevo(["flows", "--json"] + options)
        try #require(told.exit == .code(0), "\(told)")
        return try JSONDecoder().decode(FlowsReply.self, from: Data(told.text.utf8))
    }

    private func client() throws -> DatagramSocket {
        try DatagramSocket.bound(
            to: .loopback(), options: DatagramSocketOptions(reusePort: false))
    }

    /// Sends until the flow counts as a session of that generation.
    private func confirm(
        _ client: borrowing DatagramSocket, _ service: Service, at generation: Int
    ) throws {
        let server = SocketAddress.loopback(port: 4433)
        for _ in 0..<4 {
            _ = try client.send([1, 2, 3], to: server)
            #expect(try client.receive(within: .seconds(10))?.bytes == [1, 2, 3])
        }
        #expect(try service.generation(generation)?.flows == 1)
    }

    @Test func allWhoSendAreShownWithTheirWorkersOverAnUpgrade() throws {
        let service = try Service.current(
            Self.options + ["--idle-timeout", "4s", "--workers", "2"],
            command: try Programs.echo())
        let old = try service.load(["--flows", "60", "--rate", "3000"])
        #expect(try service.upgrade())
        let new = try service.load(["--flows", "30", "--rate", "1500"])
        let all = try flows(service, "--limit", "1000")
        #expect(all.live == 90 && all.seen == 90 && all.untold == 0, "\(all)")
        #expect(all.flows.count == 90 && Set(all.flows.compactMap(\.peer)).count == 90)
        #expect(all.seconds < 2 && all.remarks == nil)
        for row in all.flows {
            #expect(row.kind == .flow && row.local == Self.address)
            #expect(row.listener == "udp://\(Self.address)" && row.seenSecondsAgo ?? 9 < 2)
        }
        #expect(all.flows.count { $0.generation == 1 } == 60)
        #expect(Set(all.flows.compactMap(\.worker)) == [0, 1])
        let drained = try flows(service, "--generation", "1", "--worker", "0", "--limit", "1000")
        #expect(drained.flows.count == drained.live && drained.live > 0)
        #expect(drained.flows.allSatisfy { $0.generation == 1 && $0.worker == 0 })
        let oldest = try flows(service, "--sort", "age", "--limit", "20")
        #expect(oldest.flows.count == 20 && oldest.flows.allSatisfy { $0.generation == 1 })
        #expect(oldest.live == 90)
        let page = try service.relevo("flows", "--limit", "5")
        #expect(page.output.first?.hasPrefix("PEER") == true, "\(page)")
        #expect(page.output.contains { $0.contains("90 flows, 90 of them seen in ") })
        #expect(try old.stopped().lost == 0)
        #expect(try new.stopped().lost == 0)
    }

    @Test func whoSendsNowAndThenIsShownHoweverShortTheIdleTimeIs() throws {
        let service = try Service.current(
            Self.options + ["--idle-timeout", "3s"], command: try Programs.echo())
        let load = try service.load(["--flows", "20", "--rate", "40"])
        #expect(try service.eventually(1) { $0.flows == 20 })
        let all = try flows(service)
        #expect(all.interval < 0.1 && all.seconds >= 1 && all.seconds < 2, "\(all)")
        #expect(all.seen == 20 && all.flows.count == 20, "\(all)")
        #expect(try load.stopped().lost == 0)
    }

    @Test func aFlowThatIsHandedOnGoesToTheCurrentGeneration() throws {
        let service = try Service.current(Self.options, command: try Programs.echo())
        let client = try client()
        try confirm(client, service, at: 1)
        #expect(try service.upgrade())
        let peer = "\(try client.localAddress())"
        let moved = try service.relevo("flows", "move", peer)
        #expect(moved.exit == .code(0), "\(moved)")
        #expect(
            moved.output == [
                "\(peer) at udp://\(Self.address) of generation 1: moved to generation 2"
            ])
        #expect(
            try service.relevo("flows", "move", peer).text.hasSuffix("generation 2 has it already"))
        // Nobody is left.
        #expect(try service.ended(1))
        #expect(try service.status().lastHandover?.cutFlows == 0)
        try confirm(client, service, at: 2)
    }

    @Test func aFlowThatIsEndedBeginsAnew() throws {
        let service = try Service.current(
            ["--listen", "udp://0.0.0.0:4433", "--linger", "20ms"], command: try Programs.echo())
        let client = try client()
        try confirm(client, service, at: 1)
        #expect(try service.upgrade())
        let peer = "\(try client.localAddress())"
        // At a listener of every address the interfaces tell where it arrives.
        let ended = try service.relevo("flows", "end", peer, "--control", service.control)
        #expect(ended.exit == .code(0), "\(ended)")
        #expect(ended.output == ["\(peer) at udp://0.0.0.0:4433 of generation 1: ended"])
        #expect(try service.ended(1))
        let again = try service.relevo("flows", "end", peer, "--control", service.control)
        #expect(again.exit == .code(1))
        #expect(
            again.errors.first?.contains("no live flow has the peer \(peer)") == true, "\(again)")
        try confirm(client, service, at: 2)
    }

    @Test func whoIsMeantHasToBeClear() throws {
        let service = try Service.current(Self.options, command: try Programs.echo())
        for command in ["end", "move"] {
            let odd = try service.relevo("flows", command, "nowhere", "--control", service.control)
            #expect(odd.exit == .code(1))
            #expect(odd.errors.first?.contains("'nowhere' is not an address with a port") == true)
            let other = try service.relevo(
                "flows", command, "127.0.0.1:5", "--listener", "x", "--control", service.control)
            #expect(other.errors.first?.contains("there is no listener 'x'") == true)
        }
        #expect(try service.relevo("flows", "--limit", "1001").exit == .code(64))
    }

    @Test func whereNothingIsRememberedThatIsSaid() throws {
        let service = try Service.current(
            Self.options + ["--steering", "stateless"], command: try Programs.echo())
        let none = try flows(service)
        #expect(none.flows.isEmpty && none.live == 0)
        #expect(none.remarks?.first?.contains("no flow is remembered") == true)
        let end = try service.relevo("flows", "end", "127.0.0.1:5", "--control", service.control)
        #expect(end.exit == .code(1))
        #expect(end.errors.first?.contains("steering is stateless") == true, "\(end)")
    }

    @Test func aQUICSessionIsShownWithItsIDAndNotEnded() throws {
        let id: [UInt8] = [0xa1, 0xb2, 0xc3, 0xd4, 0xe5, 0xf6, 0x07, 0x18]
        let rest: [UInt8] = [8, 1, 2, 3, 4, 5, 6, 7, 8] + [UInt8](repeating: 9, count: 40)
        let service = try Service.current(
            Self.options + ["--steering", "quic", "--idle-timeout", "2s"],
            command: try Programs.echo())
        let client = try client()
        let server = SocketAddress.loopback(port: 4433)
        func send(_ payload: [UInt8]) throws {
            _ = try client.send(payload, to: server)
            #expect(try client.receive(within: .seconds(10))?.bytes == payload)
        }
        try send([0xc3, 0, 0, 0, 1, 8, 9, 9, 9, 9, 9, 9, 9, 9] + rest)
        try send([0xe3, 0, 0, 0, 1, 8] + id + rest)
        let look = try service.starting("flows", "--look", "3s", "--json")
        let told = try eventually {
            try send([0x41] + id + [UInt8](repeating: 7, count: 30))
            return try look.exit(within: .milliseconds(20)) != nil
        }
        #expect(told)
        let found = try look.finished()
        let reply = try JSONDecoder().decode(FlowsReply.self, from: Data(found.text.utf8))
        #expect(reply.flows.first?.id == Hex.text(id), "\(reply)")
        let peer = "\(try client.localAddress())"
        let end = try service.relevo("flows", "end", peer, "--control", service.control)
        #expect(end.exit == .code(1))
        #expect(end.errors.first?.contains("told by their ids") == true, "\(end)")
    }

    @Test func aDrainMayEndWithSomeLeft() throws {
        let service = try Service.current(
            Self.options + ["--idle-timeout", "4s"], command: try Programs.echo())
        let load = try service.load(["--flows", "10", "--rate", "500"])
        #expect(try service.upgrade())
        #expect(try service.relevo("drain", "--keep", "9").exit == .code(0))
        #expect(try service.eventually(1) { $0.flows == 10 && $0.state == .draining })
        // Nobody leaves: nothing tells when they will.
        #expect(try service.generation(1)?.drainSecondsLikely == nil)
        #expect(try service.relevo("status").text.contains("draining, end unknown, at most"))
        #expect(try service.relevo("drain", "--keep", "10").exit == .code(0))
        #expect(try service.ended(1))
        #expect(try service.status().lastHandover?.cutFlows == 10)
        #expect(try load.stopped().lost == 0)
        let refused = try service.relevo("drain", "--keep", "1")
        #expect(refused.exit == .code(1))
        #expect(try service.relevo("drain").exit == .code(64))
    }

    @Test func connectionsAreShownBesideTheFlows() throws {
        let service = try Service.current(
            Self.options + ["--listen", "tcp://\(Self.address)"],
            command: BindingWorker.command(
                """
                first = udp()
                door = tcp()
                held = []
                while True: held.append(door.accept()[0])
                """))
        let connection = try StreamConnection(to: .loopback(port: 4433))
        let shown = try eventually {
            try flows(service).flows.contains {
                $0.kind == .connection && $0.generation == 1 && $0.worker == 0
            }
        }
        #expect(shown)
        let told = try flows(service)
        #expect(told.outside == 1)
        withExtendedLifetime(connection) {}
    }
}
