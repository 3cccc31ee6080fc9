import Captures
import Packs
import Testing

struct PackMatchTests {
    private func pack(_ rules: String..., prefix: Int? = nil) throws -> Pack {
        Pack(order: .id, rules: try rules.map { try PackRule(parsing: $0) }, prefix: prefix)
    }

    @Test func theFirstRuleThatFitsCounts() throws {
        let pack = try pack("open @0=01", "continue size=3 @0=00/f0 id=1+2", "either id=0+1")
        #expect(pack.match([1, 2, 3]) == PackMatch(role: .opens, id: nil))
        #expect(pack.match([2, 3, 4]) == PackMatch(role: .continues, id: [3, 4]))
        // Too short for the rule before.
        #expect(pack.match([2, 3]) == PackMatch(role: .either, id: [2]))
        #expect(pack.match([0xff, 3, 4]) == PackMatch(role: .either, id: [0xff]))
        #expect(pack.match([]) == PackMatch(role: .opens, id: nil))
    }

    @Test func aRuleNeedsAllTheBytesThatItNames() throws {
        let pack = try pack("continue @2=00/00 id=4+4")
        #expect(pack.match([UInt8](0..<8)) == PackMatch(role: .continues, id: [4, 5, 6, 7]))
        #expect(pack.match([UInt8](0..<7)) == PackMatch(role: .opens, id: nil))
    }

    @Test func aByteTellsTheLengthOfAnId() throws {
        let pack = try pack("continue id=1+byte:0")
        #expect(pack.match([2, 7, 8, 9]).id == [7, 8])
        #expect(pack.match([0, 7, 8, 9]).id == nil)
        // Not whole.
        #expect(pack.match([4, 7, 8, 9]) == PackMatch(role: .continues, id: nil))
        #expect(pack.match([30] + [UInt8](0..<30)).id == [UInt8](0..<20))
        #expect(pack.match([3, 7, 8, 9]).id == [7, 8, 9])
    }

    @Test func onlyAPrefixCountsWhereItIsSet() throws {
        let pack = try pack("continue id=1+byte:0", "continue id=0+8", prefix: 2)
        #expect(pack.match([4, 7, 8, 9, 10]).id == [7, 8])
        #expect(pack.match([1, 7]).id == [7])
    }

    @Test func anIdsLengthIsSetWhereNothingTellsIt() throws {
        let pack = try pack("continue id=20+set")
        #expect(pack.match([UInt8](0..<24)) == PackMatch(role: .continues, id: nil))
        #expect(pack.with(idLength: 2).match([UInt8](0..<22)).id == [20, 21])
        // What lies behind the window does not count.
        #expect(pack.with(idLength: 200).match([UInt8](0..<30)).id == [20, 21, 22, 23])
    }

    /// What is known of the captures: who was there, and that nothing of theirs is told wrongly.
    @Test func whatRealClientsSendIsTold() throws {
        for capture in Capture.all {
            let pack = try #require(BuiltInPack.named(capture.name)).pack.with(idLength: 8)
            let found = capture.datagrams.map(pack.match)
            #expect(found.first == PackMatch(role: .opens, id: nil), "\(capture.name)")
            let ids = Set(found.compactMap(\.id))
            let told = found.count { $0.id != nil }
            #expect(ids.count == (capture.name == "dtls-cid" ? 4 : 1), "\(capture.name): \(ids)")
            #expect(told >= 20, "\(capture.name): \(told)")
        }
    }

    @Test func theKindsOfWireGuardsAndSRTsDatagramsAreTold() throws {
        let wireguard = try #require(BuiltInPack.named("wireguard")).pack
        for datagram in try #require(Capture.named("wireguard")).datagrams {
            #expect((wireguard.match(datagram).role == .opens) == (datagram[0] == 1))
        }
        let srt = try #require(BuiltInPack.named("srt")).pack
        for datagram in try #require(Capture.named("srt")).datagrams {
            // A handshake is a control packet of type 0.
            let isHandshake = datagram[0] == 0x80 && datagram[1] == 0
            #expect((srt.match(datagram).role == .opens) == isHandshake)
        }
    }
}
