import Captures
import Packs
import Steering
import TestKit
import TestSeeds
import Testing

/// The program in the kernel and `Pack.match` tell the same of every datagram.
///
/// What the program makes of one is seen by where it goes: an id that a slot's session has used leads
/// there from any address, and nothing else does.
@Suite(.enabled(if: Privilege.hasBPF, "needs CAP_BPF"), .leavesNoDescriptors)
struct PackPropertyTests {
    @Test(arguments: Capture.all.map(\.name))
    func captures(name: String) throws {
        let capture = try #require(Capture.named(name))
        let pack = try #require(BuiltInPack.named(name)).pack.with(idLength: 8)
        var comparison = try Comparison(pack, seed: 1)
        for datagram in capture.datagrams { try comparison.compare(datagram) }
        #expect(comparison.told >= 20)
    }

    @Test(arguments: Capture.all.map(\.name), 1...3 as ClosedRange<UInt64>)
    func mutationsOfCaptures(name: String, seed: UInt64) throws {
        let capture = try #require(Capture.named(name))
        let length = name == "dtls-cid" ? [8, 5, 40][Int(seed) - 1] : 8
        let pack = try #require(BuiltInPack.named(name)).pack.with(idLength: length)
        var (random, comparison) = (SeededGenerator(seed: seed), try Comparison(pack, seed: seed))
        for _ in 0..<300 {
            var datagram = capture.datagrams.randomElement(using: &random) ?? []
            random.mutate(&datagram)
            try comparison.compare(datagram)
        }
        #expect(comparison.told >= 20)
    }

    @Test(arguments: 1...12 as ClosedRange<UInt64>)
    func randomRulesAndBytes(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let pack = random.pack()
        var comparison = try Comparison(pack, seed: seed)
        for _ in 0..<150 { try comparison.compare(random.datagram(for: pack)) }
        #expect(comparison.compared >= 150)
    }
}

/// A group whose program tells sessions by a description, and what is known of it.
private struct Comparison {
    private let pack: Pack
    private let group: SteeredGroup
    private var random: SeededGenerator
    /// Where each id leads.
    private var known: [[UInt8]: Int] = [:]
    /// Addresses that nobody has had.
    private var client = 0
    private var current = 0
    private(set) var compared = 0
    /// Datagrams that an id told.
    private(set) var told = 0

    init(_ pack: Pack, seed: UInt64) throws {
        self.pack = pack
        random = SeededGenerator(seed: seed)
        group = try SteeredGroup(
            SteeringSetup(
                mode: .pack, transport: .udp, maxFlows: 100_000, idleTimeout: .seconds(120),
                unknownIDs: .current, pack: pack), slots: 2)
        try group.steering.steerNewFlows(to: [0])
    }

    /// Has a datagram's session begin, then sends it and what is like it from elsewhere after a flip.
    mutating func compare(_ datagram: [UInt8]) throws {
        let address = nextClient()
        let slot = try expect(datagram, from: address)
        // From an address with a session, so that its id is learned.
        let found = pack.match(datagram)
        let again = try group.slot(of: datagram, from: address)
        #expect(again == slot, "\(datagram) again")
        if found.role != .opens, let id = found.id, known[id] == nil { known[id] = slot }
        current = 1 - current
        try group.steering.steerNewFlows(to: [current])
        _ = try expect(datagram, from: nextClient())
        for _ in 0..<3 {
            var like = datagram
            random.mutate(&like)
            _ = try expect(like, from: nextClient())
        }
    }

    /// Sends a datagram from a new address.
    private mutating func expect(_ datagram: [UInt8], from client: Int) throws -> Int {
        let found = pack.match(datagram)
        var expected = current
        if found.role != .opens, let slot = found.id.flatMap({ known[$0] }) {
            expected = slot
            told += 1
        }
        compared += 1
        let slot = try group.slot(of: datagram, from: client)
        #expect(slot == expected, "\(found) in \(datagram) by \(pack.rules)")
        return slot ?? expected
    }

    private mutating func nextClient() -> Int {
        client += 1
        return client
    }
}

extension SeededGenerator {
    /// Changes a byte of the beginning, or the length.
    mutating func mutate(_ datagram: inout [UInt8]) {
        switch Int.random(in: 0..<8, using: &self) {
        case 0:
            datagram = Array(
                datagram.prefix(Int.random(in: 0...max(1, min(40, datagram.count)), using: &self)))
        case 1:
            datagram += (0..<Int.random(in: 1...20, using: &self)).map { _ in byte() }
        case 2: break
        default:
            guard !datagram.isEmpty else { return }
            let end = min(datagram.count, 28)
            datagram[Int.random(in: 0..<end, using: &self)] = byte()
        }
    }

    private mutating func byte() -> UInt8 { UInt8.random(in: 0...255, using: &self) }

    /// Any description, with values so small that many datagrams fit.
    mutating func pack() -> Pack {
        let rules = (0..<Int.random(in: 1...Pack.mostRules, using: &self)).map { _ in rule() }
        let prefix = Bool.random(using: &self) ? nil : Int.random(in: 1...20, using: &self)
        return Pack(
            order: Bool.random(using: &self) ? .id : .tuple, rules: rules, prefix: prefix)
    }

    private mutating func rule() -> PackRule {
        let roles: [PackRule.Role] = [.opens, .continues, .continues, .either]
        let role = roles.randomElement(using: &self) ?? .continues
        let conditions = (0..<Int.random(in: 0...2, using: &self)).map { _ in
            let count = Int.random(in: 1...2, using: &self)
            return PackRule.Condition(
                offset: Int.random(in: 0...Pack.window - count, using: &self),
                value: (0..<count).map { _ in UInt8.random(in: 0...1, using: &self) },
                mask: [UInt8](repeating: 1, count: count))
        }
        let offset = Int.random(in: 0..<Pack.window, using: &self)
        let lengths: [PackRule.Length] = [
            .bytes(Int.random(in: 1...min(20, Pack.window - offset), using: &self)),
            .byte(at: Int.random(in: 0..<Pack.window, using: &self)),
        ]
        return PackRule(
            role: role, size: Int.random(in: 0...40, using: &self), conditions: conditions,
            id: role == .opens
                ? nil
                : PackRule.ID(
                    offset: offset, length: lengths.randomElement(using: &self) ?? lengths[0]))
    }

    /// Random bytes, of which some are as small as lengths and conditions.
    mutating func datagram(for pack: Pack) -> [UInt8] {
        let count = Int.random(in: 0...48, using: &self)
        return (0..<count).map { _ in Bool.random(using: &self) ? byte() : byte() & 0x0f }
    }
}
