import ControlProtocol
import Kernel
import TestKit
import Testing

/// Links between workers of one service, brokered over their channels.
@Suite(.ownNetwork, .needsRoot)
struct ChannelLinkTests {
    private static let options = ["--listen", "udp://\(address)", "--linger", "20ms"]

    /// A client whose flow is pinned where new ones go now.
    private func client() throws -> Question {
        let client = try Question(to: try #require(SocketAddress(address)))
        #expect(try client.ask("python 1") != nil)
        return client
    }

    private func service(workers: Int = 1) throws -> Service {
        try Service.current(
            Self.options + ["--workers", "\(workers)"], command: ChannelWorker.obedient())
    }

    @Test func theNewWorkerReachesTheOldOneUntilItEnds() throws {
        let service = try service()
        let old = try client()
        #expect(try service.upgrade())
        let new = try client()
        let answer = try new.ask("LINK\nTO=older\nLABEL=streams\nID=4")
        #expect(answer == "2.0: LINK ID=4 ROLE=asked GENERATION=1 WORKER=0 LABEL=streams [1]")
        #expect(
            try service.says(
                "[1.0] heard LINK ROLE=offered GENERATION=2 WORKER=0 LABEL=streams [1]"))
        #expect(try new.ask("python links[0].send(b'hello')") == "2.0: 5")
        #expect(try old.ask("python links[0].recv(99)") == "1.0: b'hello'")
        #expect(try old.ask("DRAINED\nID=1") == "1.0: OK ID=1")
        #expect(try service.ended(1))
        #expect(try new.ask("python links[0].recv(99)") == "2.0: b''")
    }

    @Test func aChainOfGenerationsIsReachedByNumber() throws {
        let service = try service()
        let first = try client()
        #expect(try service.upgrade())
        let second = try client()
        #expect(try service.upgrade())
        let third = try client()
        #expect(try third.ask("LINK\nTO=1\nID=1")?.contains("GENERATION=1") == true)
        #expect(try third.ask("LINK\nTO=older\nID=2")?.contains("GENERATION=2") == true)
        #expect(try second.ask("LINK\nTO=older\nID=3")?.contains("GENERATION=1") == true)
        #expect(try second.ask("LINK\nTO=newer\nID=4")?.contains("GENERATION=3") == true)
        #expect(try first.ask("LINK\nTO=current\nID=5")?.contains("GENERATION=3") == true)
    }

    @Test func aRefusalSaysWhy() throws {
        let service = try service(workers: 2)
        let client = try client()
        let own = try #require(try client.ask("python me")?.suffix(1))
        let other = own == "0" ? "1" : "0"
        func code(_ request: String) throws -> String? {
            let words = try client.ask(request + "\nID=1")?.split(separator: " ") ?? []
            return words.first { $0.hasPrefix("CODE=") }.map { String($0.dropFirst(5)) }
        }
        #expect(try code("LINK\nTO=7") == "unknown")
        #expect(try code("LINK\nTO=older") == "unknown")
        #expect(try code("LINK\nTO=newer") == "unknown")
        #expect(try code("LINK\nTO=1\nWORKER=5") == "unknown")
        #expect(try code("LINK\nTO=current") == "self")
        #expect(try code("LINK\nTO=somewhere") == "key")
        #expect(try code("LINK") == "key")
        #expect(try code("LINK\nTO=1\nWORKER=\(other)") == nil)
        #expect(try service.line(with: "[1.\(other)] heard LINK ROLE=offered") != nil)
        #expect(try service.upgrade(to: PythonWorker.command("notify('READY=1')\nserve()")))
        #expect(try code("LINK\nTO=newer") == "mute")
    }

    @Test func linksAreRationedForTheirOtherEndsSake() throws {
        let service = try service()
        let old = try client()
        #expect(try service.upgrade())
        #expect(
            try old.ask(
                """
                python [send('LINK\\nTO=newer\\nID=%d' % n) or answer(str(n)).split()[0]
                 for n in range(120)].count('ERROR') >= 20
                """.replacing("\n", with: "")) == "1.0: True")
        #expect(try service.line(with: "CODE=limit REASON=too many links in a short time") != nil)
    }

    @Test func aWorkerThatDoesNotReadItsChannelIsBusyAndHoldsUpNobody() throws {
        let service = try Service.current(
            Self.options,
            command: ChannelWorker.command(
                """
                hello()
                say("READY")
                channel.setblocking(False)
                room = select.poll()
                room.register(channel.fileno(), select.POLLOUT)
                while room.poll(5000):
                    try:
                        say("FETCH")
                    except BlockingIOError:
                        pass
                print("nothing is taken any more", flush=True)
                serve()
                """))
        #expect(try service.says("[1.0] nothing is taken any more"))
        #expect(try service.upgrade(to: ChannelWorker.obedient()))
        let new = try client()
        #expect(try new.ask("LINK\nTO=1\nID=9")?.contains("ERROR ID=9 CODE=busy") == true)
        #expect(try service.ended(1))
    }
}
