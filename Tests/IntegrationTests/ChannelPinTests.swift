import ControlProtocol
import Kernel
import TestKit
import Testing

/// Flows that workers pin and end by hand.
@Suite(.ownNetwork, .needsRoot, .needsFlowSteering)
struct ChannelPinTests {
    private static let options = ["--listen", "udp://\(address)", "--linger", "20ms"]

    private func client() throws -> Question {
        try Question(to: try #require(SocketAddress(address)))
    }

    @Test func anEndedFlowGoesToTheNewGenerationAtOnceAndEndsTheDrain() throws {
        let service = try Service.current(Self.options, command: ChannelWorker.obedient())
        let one = try client()
        let other = try client()
        for text in ["python 1", "python 2"] {
            #expect(try one.ask(text)?.hasPrefix("1.0") == true)
            #expect(try other.ask(text)?.hasPrefix("1.0") == true)
        }
        #expect(try service.upgrade())
        let peer = try one.localAddress()
        #expect(
            try other.ask("UNPIN\nLISTENER=0\nPEER=\(peer)\nID=1") == "1.0: OK ID=1")
        #expect(try one.ask("python 3") == "2.0: 3")
        #expect(try other.ask("python 4") == "1.0: 4")
        // It ends its own flow, as the last one: the drain is over without a minute's silence.
        let last = try other.localAddress()
        #expect(
            try other.ask("UNPIN\nLISTENER=0\nPEER=\(last)\nID=2") == "1.0: OK ID=2")
        #expect(try service.line(with: "[1.0] heard STOP") != nil)
        #expect(try service.ended(1))
        #expect(try other.ask("python 5") == "2.0: 5")
    }

    @Test func aFlowIsPinnedBeforeItsFirstDatagram() throws {
        let service = try Service.current(Self.options, command: ChannelWorker.obedient())
        let session = try client()
        #expect(try session.ask("python 1") == "1.0: 1")
        #expect(try service.upgrade())
        let moved = try client()
        let peer = try moved.localAddress()
        #expect(try session.ask("PIN\nLISTENER=0\nPEER=\(peer)\nID=1") == "1.0: OK ID=1")
        #expect(try moved.ask("python 2") == "1.0: 2")
        #expect(try client().ask("python 3") == "2.0: 3")
        #expect(try service.generation(1)?.flows == 2)
        // One that the new generation has seen already is fetched back.
        let seen = try client()
        #expect(try seen.ask("python 4") == "2.0: 4")
        let its = try seen.localAddress()
        #expect(try session.ask("PIN\nLISTENER=0\nPEER=\(its)\nID=2") == "1.0: OK ID=2")
        #expect(try seen.ask("python 5") == "1.0: 5")
    }

    @Test func whatNamesNoFlowIsRefused() throws {
        let service = try Service.current(
            [
                "--listen", "udp://0.0.0.0:4433", "--listen", "udp://127.0.0.1:4434",
                "--listen", "tcp://127.0.0.1:4434",
            ],
            command: ChannelWorker.obedient())
        let client = try client()
        func code(_ keys: String) throws -> String? {
            let words = try client.ask("PIN\n\(keys)\nID=1")?.split(separator: " ") ?? []
            return words.first { $0.hasPrefix("CODE=") }.map { String($0.dropFirst(5)) }
        }
        #expect(try code("LISTENER=3\nPEER=127.0.0.1:1") == "unknown")
        #expect(try code("LISTENER=0\nPEER=127.0.0.1:1") == "key")
        #expect(try code("LISTENER=0\nPEER=127.0.0.1:1\nLOCAL=127.0.0.1:4433") == nil)
        #expect(try code("LISTENER=0\nPEER=[::1]:1\nLOCAL=127.0.0.1:4433") == "key")
        #expect(try code("LISTENER=1\nPEER=127.0.0.1") == "key")
        #expect(try code("LISTENER=1\nPEER=localhost:1") == "key")
        #expect(try code("LISTENER=1\nPEER=127.0.0.1:0") == "key")
        #expect(try code("LISTENER=1\nPEER=127.0.0.1:99999") == "key")
        #expect(try code("LISTENER=1\nPEER=127.0.0.1:1") == nil)
        #expect(try code("LISTENER=2\nPEER=127.0.0.1:1") == "unsupported")
        #expect(try service.status().current == 1)
    }
}
