import Packs
import Settings
import Testing

/// Sessions that are told by ids, as a listener's settings say it.
struct SessionRuleTests {
    private static let custom = smallest + "Steering=custom\n"

    @Test func aProtocolIsAskedForByItsName() throws {
        for known in BuiltInPack.all where !known.pack.needsIDLength {
            let settings = try parse(smallest + "Steering=\(known.name)\n")
            #expect(settings.listeners[0].pack == known.pack)
            #expect(settings.listeners[0].idleTimeout == .seconds(120))
            #expect(try parse(settings.render()) == settings)
        }
        let quic = try parse(smallest + "Steering=quic\nIdLength=20\n")
        #expect(quic.listeners[0].pack == nil && quic.listeners[0].idLength == 20)
        #expect(try parse(quic.render()) == quic)
    }

    @Test func aProtocolWhoseAddressIsItsSessionIsKnown() throws {
        for known in AddressProtocol.all {
            let settings = try parse(smallest + "Steering=\(known.name)\n")
            #expect(settings.listeners[0].steering == .address(known))
            #expect(settings.listeners[0].pack == nil)
            #expect(settings.listeners[0].idleTimeout == .seconds(60))
            #expect(try parse(settings.render()) == settings)
        }
    }

    @Test func rulesOfAListenersOwnAreRead() throws {
        let text =
            Self.custom + "SessionOrder=id\nSessionPrefix=6\nIdLength=9\n"
            + "SessionRule=open @0=01\nSessionRule=continue id=1+set\n"
        let listener = try parse(text).listeners[0]
        #expect(
            listener.pack
                == Pack(
                    order: .id,
                    rules: [
                        PackRule(
                            role: .opens, conditions: [PackRule.Condition(offset: 0, value: [1])]),
                        PackRule(
                            role: .continues, id: PackRule.ID(offset: 1, length: .bytes(9))),
                    ], prefix: 6))
        #expect(try parse(parse(text).render()).listeners[0] == listener)
        // An empty value forgets those before it.
        let again = try parse(text + "SessionRule=\nSessionRule=either id=0+4\nIdLength=\n")
        #expect(again.listeners[0].pack?.rules.map(\.description) == ["either id=0+4"])
    }

    static let mistakes: [(lines: String, line: Int, message: String)] = [
        ("Steering=wiregard", 5, "did you mean 'wireguard'?"),
        (
            "Steering=custom\nSessionRule=continue id=4", 6,
            "SessionRule=: '4' is not OFFSET+LENGTH, as 4+4, 6+byte:5 or 11+set"
        ),
        ("SessionOrder=both", 5, "SessionOrder=: 'both' is not what counts first: id or tuple"),
        ("SessionPrefix=21", 5, "SessionPrefix=: the bytes that count takes a number from 1 to 20"),
        ("IdLength=0", 5, "IdLength=: '0' is not a whole number from 1 to 255"),
        ("Steering=custom", 3, "Steering=custom needs SessionRule="),
        ("Steering=custom\nSessionRule=open", 3, "no SessionRule= says where an id is"),
        (
            "Steering=custom\nSessionRule=continue id=4+set", 3,
            "Steering=custom needs IdLength=, for no datagram tells how long"
        ),
        ("Steering=dtls-cid", 3, "Steering=dtls-cid needs IdLength="),
        ("Steering=srt\nIdLength=4", 3, "IdLength=4 says nothing to Steering=srt"),
        ("Steering=flow\nIdLength=4", 3, "IdLength=4 says nothing to Steering=flow"),
        (
            "Steering=stateless\nBalance=load", 3,
            "Balance=load says nothing to Steering=stateless: no flow is kept"
        ),
        (
            "Steering=flow\nServerIdLength=4", 3, "ServerIdLength=4 says nothing to Steering=flow"
        ),
        ("ServerIdLength=1", 5, "ServerIdLength=: '1' is not a whole number from 2 to 8"),
        (
            "Steering=quic\nIdLength=8\nServerIdLength=4", 3,
            "IdLength=8: a first byte, a server's id of 4 and four more are 9"
        ),
        (
            "Steering=quic\nServerIdLength=4\n[Listener]\nAddress=udp://[::1]:54\nSteering=quic\nServerIdLength=5",
            7, "ServerIdLength=5: another listener has 4"
        ),
        ("Balance=even", 5, "Balance=: 'even' is not a way"),
        ("Steering=quic\nIdLength=3", 3, "IdLength=3: with Steering=quic it is from 4 to 20"),
        ("Steering=quic\nIdLength=21", 3, "IdLength=21: with Steering=quic it is from 4 to 20"),
        ("SessionRule=continue id=4+4", 3, "SessionRule= is for Steering=custom, not for flow"),
        ("SessionOrder=tuple", 3, "SessionOrder= is for Steering=custom, not for flow"),
        ("SessionPrefix=4", 3, "SessionPrefix= is for Steering=custom, not for flow"),
    ]

    @Test(arguments: mistakes)
    func aMistakeIsNamedWithItsPlace(lines: String, line: Int, message: String) {
        let found = errors(smallest + lines + "\n")
        #expect(found.count == 1, "\(found)")
        #expect(found.first?.hasPrefix("test.conf:\(line): ") == true, "\(found)")
        #expect(found.first?.contains(message) == true, "\(found)")
    }

    @Test func sessionsOfTCPAreTheKernels() {
        let text = smallest + "[Listener]\nAddress=tcp://127.0.0.1:53\nSteering=wireguard\n"
        #expect(errors(text).first?.contains("Steering=wireguard is for udp") == true)
    }

    @Test func whatIsAdoptedHasNoRulesOfItsOwn() {
        let adopting = smallest.replacing("[Listener]", with: "Adopt=auto\n%\n[Listener]")
        for (line, message) in [
            ("AdoptSteering=custom", "AdoptSteering=custom: SessionRule= belongs in a [Listener]"),
            ("AdoptSteering=dtls-cid", "AdoptSteering=dtls-cid: IdLength= belongs in a [Listener]"),
        ] {
            let found = errors(adopting.replacing("%", with: line))
            #expect(found.count == 1 && found[0].contains(message), "\(found)")
        }
        #expect(errors(adopting.replacing("%", with: "AdoptSteering=wireguard")).isEmpty)
    }
}
