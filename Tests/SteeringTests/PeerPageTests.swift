import Kernel
import TestSeeds
import Testing

@testable import Steering

/// The first rows of what was told, in little memory.
@Suite struct PeerPageTests {
    private static func peer(_ number: UInt32, at second: Int) throws -> ToldPeer {
        let address = UInt64((0x0A00_0000 + number).bigEndian)
        let time = UInt64(second) * 1_000_000_000
        let ports = UInt64(UInt16(5000).bigEndian) | UInt64(UInt16(53).bigEndian) << 16
        return try #require(
            ToldPeer(
                words: [time, 7 | 3 << 16 | 4 << 32, address | 0x0100_007f << 32, 0, 0, 0, ports]
                    + [0, 0, 0, 0]))
    }

    private static func numbers(_ page: PeerPage) -> [UInt32] {
        page.rows.compactMap { row in
            guard case .ipv4(let address, _)? = row.peer.flow?.peer else { return nil }
            return address - 0x0A00_0000
        }
    }

    @Test func addressesAreReadAsTheyStandInTheHeader() throws {
        let peer = try Self.peer(9, at: 1)
        #expect(peer.flow?.peer == SocketAddress("10.0.0.9:5000"))
        #expect(peer.flow?.local == SocketAddress("127.0.0.1:53"))
        #expect(peer.time == .seconds(1))
        #expect(peer.stay == PeerStay(member: 3, number: 7))
    }

    @Test func whoWasSeenLastComesFirst() throws {
        var page = PeerPage(.seen, limit: 3)
        for number: UInt32 in 0..<1000 {
            page.note(try Self.peer(number, at: Int(number)))
        }
        page.note(try Self.peer(998, at: 2000))
        #expect(Self.numbers(page) == [998, 999, 997])
    }

    @Test func whoIsThereForLongestComesFirst() throws {
        var page = PeerPage(.age, limit: 3)
        for number: UInt32 in 0..<1000 {
            page.note(try Self.peer(number, at: Int(number)), rank: number % 100 == 5 ? 1 : 2)
        }
        #expect(Self.numbers(page) == [905, 805, 705])
    }

    @Test func aPageIsTheOneThatAllRowsTogetherWouldGive() throws {
        var random = SeededGenerator(seed: 5)
        for order in [PeerPage.Order.seen, .age] {
            for _ in 0..<20 {
                var page = PeerPage(order, limit: Int.random(in: 1...20, using: &random))
                var last: [UInt32: (time: Int, rank: Int)] = [:]
                for time in 0..<500 {
                    let number = UInt32.random(in: 0..<100, using: &random)
                    let rank = order == .age ? Int(number % 7) : 0
                    page.note(try Self.peer(number, at: time), rank: rank)
                    last[number] = (time, rank)
                }
                let all = last.sorted {
                    ($0.value.rank, -$0.value.time) < ($1.value.rank, -$1.value.time)
                }
                #expect(Self.numbers(page) == all.prefix(page.limit).map(\.key))
            }
        }
    }

    @Test func anyWordsAreReadWithoutATrap() throws {
        var random = SeededGenerator(seed: 6)
        #expect(ToldPeer(words: [1, 2, 3]) == nil)
        for _ in 0..<10_000 {
            let words = (0..<11).map { _ in UInt64.random(in: 0...UInt64.max, using: &random) }
            let peer = try #require(ToldPeer(words: words))
            _ = (peer.flow, peer.key, peer.stay, peer.time)
            #expect(peer.payload.count <= 32 && peer.payload.count <= peer.payloadSize)
        }
    }
}
