import ControlProtocol
import Kernel
import TestKit
import Testing

/// The client library's calls against a real supervisor.
@Suite(.ownNetwork, .needsRoot)
struct ClientTests {
    private static let options = [
        "--name", "echo", "--listen", "udp://\(address)", "--linger", "20ms",
    ]

    private func service(_ more: String...) throws -> Service {
        try Service.current(Self.options + more, command: [try Programs.path("client-worker")])
    }

    private func client() throws -> Question {
        try Question(to: try #require(SocketAddress(address)))
    }

    @Test func aWorkerKnowsWhereItIsAndLeavesNothingOpen() throws {
        let service = try service("--workers", "2")
        let client = try client()
        let answer = try #require(try client.ask("who"))
        #expect(answer.contains(": echo 2 [") && answer.contains(address), "\(answer)")
        // Steered by 4-tuples: an id would lead nowhere, and none is made.
        #expect(try client.ask("id")?.contains("heeds no ids") == true)
        // Its calls leave nothing open, whatever they gave and took.
        let before = try client.ask("descriptors")
        for _ in 0..<10 {
            #expect(try client.ask("store state x")?.hasSuffix("done") == true)
            #expect(try client.ask("fetch")?.hasSuffix("done") == true)
            #expect(try client.ask("take state")?.hasSuffix("[\"x\"]") == true)
            #expect(try client.ask("forget state")?.hasSuffix("done") == true)
            #expect(try client.ask("link 1")?.contains("toItself") == true)
        }
        #expect(try client.ask("descriptors") == before)
        _ = service
    }

    @Test(.needsFlowSteering) func aWorkerMakesIdsOfItsOwnStay() throws {
        let service = try service("--workers", "2", "--steering", "quic")
        func stays() throws -> [String: String] {
            var stays: [String: String] = [:]
            let found = try eventually {
                let words = try #require(try client().ask("id")).split(separator: " ")
                #expect(words.count == 4 && words[2] == "true", "\(words)")
                stays["\(words[0])"] = "\(words[1])"
                return stays.count == 2
            }
            #expect(found)
            return stays
        }
        let first = try stays()
        #expect(Set(first.values).count == 2 && !first.values.contains("0"))
        #expect(try service.relevo("upgrade").exit == .code(0))
        let second = try stays()
        #expect(Set(second.keys).isDisjoint(with: first.keys))
        #expect(Set(second.values).isDisjoint(with: first.values))
        // The next supervisor has the same keys to lend.
        try service.succeed()
        #expect(try stays() == second)
    }

    @Test func aDrainIsHeardHeldAndEndedByItsWorker() throws {
        let service = try service("--drain-timeout", "1h")
        let old = try client()
        #expect(try old.ask("sessions 1") == "1.0: done")
        let upgrade = try service.relevo("upgrade")
        #expect(upgrade.exit == .code(0))
        #expect(try service.line(with: "[1.0] heard drain true") != nil)
        #expect(try client().ask("who")?.hasPrefix("2.0: ") == true)
        #expect(try old.ask("sessions 1") == "1.0: done")
        #expect(try service.relevo("rollback").exit == .code(0))
        #expect(try service.line(with: "[1.0] heard resume") != nil)
        #expect(try service.line(with: "[2.0] heard drain") != nil)
        #expect(try service.relevo("upgrade").exit == .code(0))
        #expect(try service.line(with: "[1.0] heard drain true") != nil)
        #expect(try old.ask("drained") == "1.0: done")
        #expect(try service.line(with: "[1.0] heard stop") != nil)
        #expect(try service.ended(1))
    }

    @Test func aWorkerThatFailsIsStartedAgainAndItsReasonIsTold() throws {
        let service = try service()
        // It may be gone before it can answer.
        try client().say("failed the disk is gone")
        #expect(try service.line(with: "the disk is gone") != nil)
        #expect(try service.restarted())
    }

    @Test func whatIsKeptComesToTheNextGeneration() throws {
        let service = try service()
        let old = try client()
        #expect(try old.ask("store state one") == "1.0: done")
        #expect(try old.ask("add state two") == "1.0: done")
        #expect(try service.relevo("upgrade").exit == .code(0))
        #expect(try client().ask("take state") == "2.0: [\"one\", \"two\"]")
        #expect(try client().ask("take state") == "2.0: []")
    }

    @Test func datagramsMessagesAndDescriptorsGoOverALink() throws {
        let service = try service()
        let old = try client()
        #expect(try old.ask("sessions 1") == "1.0: done")
        #expect(try service.relevo("upgrade").exit == .code(0))
        let new = try client()
        #expect(try new.ask("link older") == "2.0: 1.0 true")
        #expect(try service.line(with: "[1.0] heard link 2.0 test") != nil)
        #expect(try old.ask("forward hello") == "1.0: sent")
        #expect(try old.ask("message bye") == "1.0: sent")
        #expect(try eventually { try new.ask("heard")?.contains("bye") == true })
        let heard = try #require(try new.ask("heard"))
        #expect(heard.contains(" to \(address) at 7: hello\", \"message bye "), "\(heard)")
        #expect(heard.contains("inside"), "\(heard)")
        #expect(try old.ask("drained") == "1.0: done")
        #expect(try service.line(with: "[2.0] heard link the other end is gone") != nil)
        // The link ends with the process; the supervisor hears of that end a moment later.
        #expect(try service.ended(1))
        let linked = try new.ask("link older")
        #expect(linked?.contains("unknown") == true, "\(linked ?? "no answer")")
    }

    @Test func aPeerGetsASocketBesideASteeredListener() throws {
        let service = try service()
        let peer = try client()
        #expect(try peer.ask("accept") == "1.0: accepted")
        #expect(try peer.ask("anything") == "1.0: accepted")
        #expect(try client().ask("heard") == "1.0: []")
        #expect(try service.relevo("upgrade").exit == .code(0))
        // New flows go to the new generation, and its own goes on to the socket.
        #expect(try client().ask("heard") == "2.0: []")
        #expect(try peer.ask("anything") == "1.0: accepted")
    }

    @Test func pinnedFlowsStayAndEndedOnesDoNot() throws {
        let service = try service("--drain-timeout", "1h")
        let old = try client()
        #expect(try old.ask("heard") == "1.0: []")
        let peer = try DatagramSocket.bound(
            to: .loopback(), options: .init(reusePort: false))
        let target = try #require(SocketAddress(address))
        #expect(try old.ask("pin \(peer.localAddress())") == "1.0: done")
        // The supervisor takes one worker's messages in their order.
        #expect(try old.ask("fetch") == "1.0: done")
        #expect(try service.relevo("upgrade").exit == .code(0))
        func ask() throws -> String? {
            try peer.send(Array("heard".utf8), to: target)
            return try peer.receive(within: .seconds(20)).map {
                String(decoding: $0.bytes, as: UTF8.self)
            }
        }
        #expect(try ask() == "1.0: []")
        #expect(try old.ask("unpin \(peer.localAddress())") == "1.0: done")
        #expect(try old.ask("fetch") == "1.0: done")
        #expect(try ask() == "2.0: []")
    }

    @Test(arguments: [
        "store state x", "fetch", "forget state", "sessions 2", "link older", "leave",
        "pin 127.0.0.1:9",
    ])
    func aCallWhileTheSupervisorIsGoneIsAnsweredByTheNextOne(_ call: String) throws {
        let service = try service()
        let old = try client()
        #expect(try old.ask("sessions 1") == "1.0: done")
        let before = try old.ask("descriptors")
        try service.crash()
        let waiting = try client()
        try waiting.say(call)
        try service.resume()
        #expect(try service.line(with: "took over") != nil)
        let answer = try #require(try waiting.answer())
        let refusals = ["link older": "unknown", "leave": "current"]
        #expect(answer.contains(refusals[call] ?? "done"), "\(answer)")
        #expect(try old.ask("descriptors") == before)
        #expect(try service.relevo("upgrade").exit == .code(0))
        #expect(try service.line(with: "[1.0] heard drain") != nil)
        #expect(try old.ask("drained") == "1.0: done")
        #expect(try service.ended(1))
    }
}
