import ControlProtocol
import Kernel
import TestKit
import Testing

/// What is sent to a group of hosts comes to the current generation, once, and nothing that was kept from the
/// others is called a loss.
@Suite(.ownNetwork, .needsRoot, .needsOwnNetwork)
struct MulticastTests {
    private static let group = SocketAddress.ipv4(0xEF01_0203, port: 4433)

    private static let responder = BindingWorker.command(
        """
        s = udp("0.0.0.0", 4433, (socket.SOL_SOCKET, socket.SO_REUSEADDR, 1))
        s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton("239.1.2.3") + socket.inet_aton("127.0.0.1"))
        serve(s)
        """)

    private static let options = [
        "--listen", "udp://0.0.0.0:4433", "--linger", "20ms", "--idle-timeout", "60s",
    ]

    /// Who answers a question to the group: each generation as often as it does.
    private final class Client {
        let socket: DatagramSocket

        init() throws {
            socket = try DatagramSocket.bound(
                to: .loopback(), options: DatagramSocketOptions(reusePort: false))
            try socket.sendToGroups(through: 1)
        }

        /// The answers to so many questions, each of which is waited for.
        func ask(_ count: Int) throws -> [String: Int] {
            var answers: [String: Int] = [:]
            for _ in 0..<count {
                try socket.send([63], to: MulticastTests.group)
                guard let first = try socket.receive(within: .seconds(20)) else { continue }
                var all = [first.bytes]
                while let more = try socket.receive(within: .milliseconds(5)) {
                    all.append(more.bytes)
                }
                for one in all {
                    answers[String(decoding: one.prefix(3), as: UTF8.self), default: 0] += 1
                }
            }
            return answers
        }
    }

    @Test(.needsFlowSteering) func eachQuestionIsAnsweredOnceAndNoneIsCalledLost() throws {
        let service = try Service.current(Self.options, command: Self.responder)
        let client = try Client()
        let old = try Question(to: .loopback(port: 4433))
        #expect(try old.ask()?.hasPrefix("1.0") == true)
        #expect(try client.ask(20) == ["1.0": 20])
        #expect(try service.relevo("upgrade").exit == .code(0))
        #expect(try client.ask(20) == ["2.0": 20])
        #expect(try old.ask()?.hasPrefix("1.0") == true)
        let middle = try Question(to: .loopback(port: 4433))
        #expect(try middle.ask()?.hasPrefix("2.0") == true)
        // The next supervisor knows who hears, and what was kept from the others.
        try service.succeed()
        #expect(try client.ask(20) == ["2.0": 20])
        #expect(try service.relevo("upgrade").exit == .code(0))
        #expect(try client.ask(20) == ["3.0": 20])
        #expect(try service.relevo("rollback").exit == .code(0))
        #expect(try client.ask(20) == ["2.0": 20])
        #expect(try old.ask()?.hasPrefix("1.0") == true)
        #expect(try service.relevo("drain", "--timeout", "0").exit == .code(0))
        #expect(try service.ended(1))
        let status = try service.status()
        #expect(status.listeners.first?.counters.drops == 0)
        #expect(status.listeners.first?.counters.possibleDrops == nil)
        #expect(status.lastHandover?.drops == 0)
    }

    @Test(.needsFlowSteering) func aGroupThatWasJoinedBeforeTheBindIsHeard() throws {
        let service = try Service.current(
            Self.options,
            command: BindingWorker.command(
                """
                s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton("239.1.2.3") + socket.inet_aton("127.0.0.1"))
                s.bind(("0.0.0.0", 4433))
                serve(s)
                """))
        let client = try Client()
        #expect(try client.ask(5) == ["1.0": 5])
        #expect(try service.relevo("upgrade").exit == .code(0))
        #expect(try client.ask(5) == ["2.0": 5])
    }

    @Test(.needsFlowSteering) func itComesToTheSuccessorOfAWorkerThatTookTheFilterOff() throws {
        let service = try Service.current(
            Self.options,
            command: BindingWorker.command(
                """
                s = udp("0.0.0.0", 4433)
                s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton("239.1.2.3") + socket.inet_aton("127.0.0.1"))
                try: s.setsockopt(socket.SOL_SOCKET, 27, 0)
                except OSError: pass
                serve(s)
                """))
        let client = try Client()
        let old = try Question(to: .loopback(port: 4433))
        #expect(try old.ask()?.hasPrefix("1.0") == true)
        try service.signal(9, of: 1)
        #expect(try service.restarted())
        #expect(try client.ask(5) == ["1.0": 5])
        #expect(try old.ask()?.hasPrefix("1.0") == true)
        #expect(try service.relevo("upgrade").exit == .code(0))
        #expect(try client.ask(5) == ["2.0": 5])
        #expect(try service.status().listeners.first?.counters.drops == 0)
    }

    /// Classic BPF cannot count: what it may have dropped is told beside what is known to be lost.
    @Test func withoutCapBPFNobodyKnowsWhetherTheyWereLost() throws {
        let service = try Service.current(
            Self.options + ["--steering", "stateless", "--drain-signal", "USR1"],
            command: BindingWorker.command(
                """
                signal.signal(signal.SIGUSR1, lambda *_: None)
                s = udp("0.0.0.0", 4433)
                s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton("239.1.2.3") + socket.inet_aton("127.0.0.1"))
                t = udp("127.0.0.1", 4000 + int(me[0]))
                serve(s, t)
                """), as: ["setpriv", "--bounding-set=-all", "--inh-caps=-all", "--"])
        let client = try Client()
        #expect(try client.ask(5) == ["1.0": 5])
        #expect(try service.relevo("upgrade").exit == .code(0))
        #expect(try client.ask(5) == ["2.0": 5])
        // The next supervisor knows it too.
        try service.succeed()
        var counters = try #require(try service.status().listeners.first?.counters)
        #expect(counters.drops == 0)
        #expect(counters.possibleDrops ?? 0 >= 5, "\(counters)")
        let before = counters.possibleDrops ?? 0
        #expect(try service.relevo("status").text.contains("\(before) more drops"))
        #expect(try service.relevo("upgrade").exit == .code(0))
        #expect(try client.ask(5) == ["3.0": 5])
        counters = try #require(try service.status().listeners.first?.counters)
        #expect(counters.drops == 0)
        #expect(counters.possibleDrops ?? 0 >= before + 5, "\(counters)")
        #expect(try service.status().lastHandover?.drops == 0)
    }
}
