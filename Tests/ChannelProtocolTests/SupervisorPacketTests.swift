import ChannelProtocol
import Testing

@Suite struct SupervisorPacketTests {
    private static var welcome: SupervisorMessage.Welcome {
        SupervisorMessage.Welcome(
            version: 1, service: "echo", generation: 2, worker: 1, workers: 3)
    }

    static let packets: [SupervisorPacket] = {
        var full = welcome
        full.sockets = [
            WelcomeSocket(listener: 0, slot: 3, address: "udp://[::]:4433", name: "front door"),
            WelcomeSocket(listener: 1, slot: 0, address: "tcp://127.0.0.1:53", name: ""),
        ]
        full.sockets[0].seal = IDSeal(stay: 4095, key: (1, .max))
        full.stored = ["state", "state", "a b"]
        full.isLast = false
        let deadline = SupervisorMessage.Deadline(milliseconds: 812_345, millisecondsLeft: 5)
        return [
            SupervisorPacket(.welcome(welcome), id: 1), SupervisorPacket(.welcome(full)),
            SupervisorPacket(.ok, id: 3), SupervisorPacket(.error(.full, reason: "no room")),
            SupervisorPacket(.drain(nil)), SupervisorPacket(.drain(deadline)),
            SupervisorPacket(.resume), SupervisorPacket(.stop(millisecondsLeft: 10_000)),
            SupervisorPacket(.stored(names: [], isLast: true), id: 8),
            SupervisorPacket(.stored(names: ["x", "y"], isLast: false)),
            SupervisorPacket(
                .link(
                    SupervisorMessage.LinkEnd(
                        role: .offered, generation: 2, worker: 0, label: "streams"))),
        ]
    }()

    @Test(arguments: packets)
    func isReadAsItWasWritten(packet: SupervisorPacket) throws {
        #expect(try SupervisorPacket.parse(packet.encoded()) == packet)
    }

    @Test(arguments: ChannelErrorCode.allCases)
    func everyErrorIsReadBack(code: ChannelErrorCode) throws {
        let packet = SupervisorPacket(.error(code, reason: "so"), id: 5)
        #expect(try SupervisorPacket.parse(packet.encoded()) == packet)
    }

    @Test func aVerbOfALaterVersionIsLetPass() throws {
        #expect(try SupervisorPacket.parse(Array("DANCE\nTEMPO=allegro".utf8)) == nil)
        #expect(
            try SupervisorPacket.parse(Array("ERROR\nCODE=bored".utf8))?.message
                == .error(.failed, reason: ""))
    }

    @Test(arguments: [
        "", "-", "17:", "-  -", "- - -", "17:0123456789abcdef0123456789abcdef",
        "- 0:0123456789abcdef0123456789abcdef", "- 4096:0123456789abcdef0123456789abcdef",
        "- 017:0123456789abcdef0123456789abcdef", "- 17:+123456789abcdef0123456789abcdef",
        "- 17:0123456789abcdef0123456789abcde", "- 17:0123456789abcdef0123456789abcdef0",
        "- +7:0123456789abcdef0123456789abcdef", "- 17:0123456789abcdef0123456789abcdeg",
    ])
    func keysForIdsThatAreNoneAreAFault(value: String) {
        let packet = """
            WELCOME
            VERSION=1
            SERVICE=echo
            GENERATION=2
            WORKER=1
            WORKERS=3
            SOCKET=0 3 udp://[::]:4433 front
            SOCKET=0 4 udp://[::]:4433 back
            IDS=\(value)
            """
        #expect(throws: ChannelFault.self) {
            _ = try SupervisorPacket.parse(Array(packet.utf8))
        }
    }

    @Test func aReasonThatIsTooLongIsCutBetweenCharacters() throws {
        let packet = SupervisorPacket(.error(.failed, reason: String(repeating: "ö", count: 400)))
        guard case .error(_, let reason) = try SupervisorPacket.parse(packet.encoded())?.message
        else { return #expect(Bool(false)) }
        #expect(reason == String(repeating: "ö", count: 256))
    }

    /// Whatever a service has, no packet is beyond the limits, and nothing is left out.
    @Test(arguments: [0, 1, 31, 32, 33, 100, 512])
    func aWelcomeOfAnySizeFits(count: Int) throws {
        let address = "udp://[fe80::ffff:ffff:ffff:ffff%enp0s31f6x12345]:65535"
        let sockets = (0..<count).map {
            WelcomeSocket(
                listener: $0, slot: 511, address: address,
                name: String(repeating: "n", count: $0 % 256))
        }
        let stored = (0..<min(count, ChannelLimits.mostStored)).map {
            String(repeating: "s", count: max(1, 255 - $0))
        }
        var whole = Self.welcome
        whole.service = String(repeating: "s", count: 64)
        let packets = SupervisorMessage.packets(whole, sockets: sockets, stored: stored)
        #expect(packets.flatMap(\.sockets) == sockets)
        #expect(packets.flatMap(\.stored) == stored)
        for (index, packet) in packets.enumerated() {
            // They are given their keys when they are sent.
            var packet = packet
            for at in packet.sockets.indices {
                packet.sockets[at].seal = IDSeal(stay: 4095, key: (.max, .max))
            }
            #expect(packet.isLast == (index == packets.count - 1))
            #expect(packet.sockets.count + packet.stored.count <= ChannelLimits.mostDescriptors)
            let bytes = SupervisorPacket(.welcome(packet), id: UInt64(Int64.max)).encoded()
            #expect(bytes.count <= ChannelLimits.longestPacket)
            #expect(try SupervisorPacket.parse(bytes)?.message == .welcome(packet))
        }
    }
}
