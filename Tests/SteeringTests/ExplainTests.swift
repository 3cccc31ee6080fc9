import Captures
import Kernel
import Packs
import Steering
import TestKit
import TestSeeds
import Testing

/// What `explain` says of a datagram is what the program in the kernel then does with it: where it goes, and
/// which counters say why.
@Suite(.enabled(if: Privilege.hasBPF, "needs CAP_BPF"), .leavesNoDescriptors)
struct ExplainTests {
    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func quicSessions(seed: UInt64) throws {
        var walk = try ExplainWalk(SteeredGroup.quicSetup, seed: seed)
        for _ in 0..<250 { try walk.step { $0.quicDatagram() } }
        #expect(walk.rules.count >= 6, "\(walk.rules)")
    }

    @Test func quicSessionsOverIPv6() throws {
        var walk = try ExplainWalk(SteeredGroup.quicSetup, seed: 20, at: .loopback6())
        for _ in 0..<200 { try walk.step { $0.quicDatagram() } }
        #expect(walk.rules.count >= 5, "\(walk.rules)")
    }

    @Test func quicIdsThatTellTheirWorker() throws {
        var walk = try ExplainWalk(SteeredGroup.quicSetup, seed: 30, issuing: .cookies)
        for _ in 0..<250 { try walk.step { $0.quicDatagram() } }
        #expect(walk.rules[.owner, default: 0] > 0, "\(walk.rules)")
    }

    @Test func quicIdsOfTheWorkersLibrary() throws {
        var walk = try ExplainWalk(SteeredGroup.quicSetup, seed: 40, issuing: .seals)
        for _ in 0..<250 { try walk.step { $0.quicDatagram() } }
        #expect(walk.rules[.owner, default: 0] > 10, "\(walk.rules)")
    }

    @Test func quicIdsThatNameTheirServer() throws {
        var setup = SteeredGroup.quicSetup
        setup.serverIDLength = 4
        var walk = try ExplainWalk(setup, seed: 60, issuing: .servers)
        for _ in 0..<250 { try walk.step { $0.quicDatagram() } }
        #expect(walk.rules[.owner, default: 0] > 10, "\(walk.rules)")
    }

    @Test(.enabled(if: Privilege.sendsPackets, "needs CAP_NET_RAW"))
    func unknownIdsThatAreCopied() throws {
        var setup = SteeredGroup.quicSetup
        setup.unknownIDs = .copy
        var walk = try ExplainWalk(setup, seed: 50)
        for _ in 0..<500 { try walk.step { $0.quicDatagram() } }
        // How many are copied is a matter of time: a second's share is soon used up.
        #expect(walk.rules.values.reduce(0, +) == 500)
    }

    @Test(.enabled(if: Privilege.sendsPackets, "needs CAP_NET_RAW"))
    func anUnknownIdIsSaidToBeCopiedToBothGenerations() throws {
        var setup = SteeredGroup.quicSetup
        setup.unknownIDs = .copy
        let group = try SteeredGroup.quic(setup)
        let copier = try DatagramSocket.bound(to: group.address, options: DatagramSocketOptions())
        try group.steering.place(copier: copier)
        #expect(try group.open(QUICSession(), from: 1) == 0)
        try group.steering.steerNewFlows(to: [1])
        let payload = QUICSession().data
        let decision = group.steering.explain(
            ExplainedDatagram(try group.flow(from: 9), payload: payload))
        #expect(decision.rule == .copied && decision.candidates == [0, 1], "\(decision)")
        try group.send(payload, from: 9)
        #expect(try copier.receive(within: .seconds(10))?.bytes == payload)
        #expect(group.steering.counters().rules?.copied == 1)
    }

    @Test(arguments: Capture.all.map(\.name), 1...2 as ClosedRange<UInt64>)
    func captures(name: String, seed: UInt64) throws {
        let capture = try #require(Capture.named(name))
        let pack = try #require(BuiltInPack.named(name)).pack.with(idLength: 8)
        var walk = try ExplainWalk(
            SteeringSetup(
                mode: .pack, transport: .udp, maxFlows: 1000, idleTimeout: .seconds(120),
                pack: pack), seed: seed)
        for datagram in capture.datagrams.prefix(120) { try walk.step { _ in datagram } }
        for _ in 0..<100 {
            try walk.step { walk in
                var datagram = capture.datagrams.randomElement(using: &walk.random) ?? []
                walk.random.mutate(&datagram)
                return datagram
            }
        }
        #expect(walk.rules.count >= 4, "\(walk.rules)")
    }

    @Test(arguments: 1...6 as ClosedRange<UInt64>)
    func randomRulesAndBytes(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let pack = random.pack()
        var walk = try ExplainWalk(
            SteeringSetup(
                mode: .pack, transport: .udp, maxFlows: 1000, idleTimeout: .seconds(120),
                unknownIDs: seed.isMultiple(of: 2) ? .current : .guess, pack: pack), seed: seed)
        for _ in 0..<150 { try walk.step { $0.random.datagram(for: pack) } }
        #expect(walk.rules.values.reduce(0, +) == 150)
    }

    @Test(arguments: [Balance.hash, .load])
    func flowsByTheir4Tuple(balance: Balance) throws {
        let setup = SteeringSetup(
            mode: .flow, transport: .udp, maxFlows: 1000, balance: balance)
        var walk = try ExplainWalk(setup, seed: 5)
        for _ in 0..<200 { try walk.step { _ in QUICDatagram.noise(8) } }
        #expect(walk.rules[.tuple, default: 0] > 0 && walk.rules[.opens, default: 0] > 0)
    }

    @Test func ofTheKernelsOwnChoiceAllSlotsAreNamed() throws {
        let setup = SteeringSetup(mode: .stateless, transport: .udp)
        let group = try SteeredGroup(setup, slots: 3)
        try group.steering.steerNewFlows(to: [0, 2])
        let datagram = ExplainedDatagram(try group.flow(from: 1), payload: [1])
        let decision = group.steering.explain(datagram)
        #expect(decision.rule == .stateless && decision.candidates == [0, 2])
        #expect(decision.slot == nil)
    }

    @Test func lookingChangesNothing() throws {
        let group = try SteeredGroup.quic()
        let session = QUICSession()
        #expect(try group.open(session, from: 1) == 0)
        let before = (group.steering.counters(), group.steering.countFlows())
        for client in 1...50 {
            for payload in [session.data, session.initial, QUICSession().data] {
                let flow = try group.flow(from: client)
                _ = group.steering.explain(ExplainedDatagram(flow, payload: payload))
            }
        }
        #expect(group.steering.counters() == before.0)
        #expect(group.steering.countFlows() == before.1)
    }

    @Test func aDatagramThatWasCutSaysSo() throws {
        let group = try SteeredGroup.quic()
        let session = QUICSession()
        let flow = try group.flow(from: 1)
        func decision(_ count: Int) -> Decision {
            group.steering.explain(
                ExplainedDatagram(
                    flow, payload: Array(session.initial.prefix(count)),
                    size: session.initial.count))
        }
        #expect(decision(10).lacksBytes)
        #expect(!decision(session.initial.count).lacksBytes)
    }

    /// What an operator reads of a session whose client has moved while its generation drains.
    @Test func theStepsSayWhatWasLookedFor() throws {
        var setup = SteeredGroup.quicSetup
        setup.unknownIDs = .current
        let group = try SteeredGroup.quic(setup)
        let session = QUICSession()
        #expect(try group.open(session, from: 1) == 0)
        try group.steering.steerNewFlows(to: [1])
        func decision(_ payload: [UInt8], from client: Int) throws -> Decision {
            group.steering.explain(
                ExplainedDatagram(try group.flow(from: client), payload: payload))
        }
        let moved = try decision(session.data, from: 2)
        #expect(moved.rule == .id && moved.slot == 0)
        #expect(moved.steps.map(\.key) == [.id(session.id)])
        #expect(moved.steps[0].entry?.counts == false)
        let never = try decision(QUICSession().data, from: 3)
        #expect(never.rule == .unknown && never.slot == 1)
        #expect(never.steps.map(\.outcome) == [.absent, .absent, .absent])
        let hinted = try decision(QUICSession().data, from: 1)
        #expect(hinted.rule == .tuple && hinted.slot == 0)
    }
}

/// Sessions, addresses and flips at random; each datagram is explained first and sent then.
private struct ExplainWalk {
    /// What is in the ids that servers issue.
    enum IssuedForm { case noise, cookies, seals, servers }

    private let group: SteeredGroup
    var random: SeededGenerator
    private(set) var rules: [Decision.Rule: Int] = [:]
    private var sessions: [QUICSession] = []
    /// Slots whose socket the program does not have.
    private var unplaced: Set<Int> = []
    private let form: IssuedForm
    private let copier: SteeredGroup.Member?
    private let lengths: [Int]

    init(
        _ setup: SteeringSetup, seed: UInt64, at address: SocketAddress = .loopback(),
        issuing form: IssuedForm = .noise
    ) throws {
        random = SeededGenerator(seed: seed)
        self.form = form
        lengths = [[8], [8, 4], [20, 8], [18]][Int(seed % 4)]
        group = try SteeredGroup(setup, at: address, slots: 3)
        copier =
            group.steering.copies
            ? SteeredGroup.Member(
                try DatagramSocket.bound(to: group.address, options: DatagramSocketOptions()))
            : nil
        if let copier { try group.steering.place(copier: copier.socket) }
        try group.steering.steerNewFlows(to: [0])
        if form == .servers { nameServers() }
    }

    private func nameServers() {
        for slot in 0..<3 { group.steering.setServer([1, 2, 3, UInt8(slot)], of: slot) }
    }

    mutating func step(_ datagram: (inout ExplainWalk) -> [UInt8]) throws {
        try disturb()
        let payload = datagram(&self)
        let client = Int.random(in: 1...12, using: &random)
        let port = Int.random(in: 0...2, using: &random)
        let flow = try group.flow(from: client, port: port)
        let before = group.steering.counters()
        let decision = group.steering.explain(ExplainedDatagram(flow, payload: payload))
        #expect(group.steering.counters() == before)
        let slot: Int?
        if decision.rule == .copied || decision.rule == .passed {
            // To the copier's socket, or to any of the group.
            try group.send(payload, from: client, port: port)
            let expected = before.datagrams + decision.counts.datagrams
            #expect(try eventually { group.steering.counters().datagrams >= expected })
            for member in group.members + [copier] { _ = try member?.socket.discardQueue() }
            slot = nil
        } else {
            slot = try group.slot(of: payload, from: client, port: port)
        }
        let after = group.steering.counters()
        rules[decision.rule, default: 0] += 1
        #expect(slot == decision.slot, "\(decision)")
        #expect(after == before + decision.counts, "\(decision) of \(payload)")
    }

    /// What happens between two datagrams.
    private mutating func disturb() throws {
        switch Int.random(in: 0..<24, using: &random) {
        case 0, 1:
            let slots = [[0], [1], [2], [0, 1], [0, 1, 2]].randomElement(using: &random) ?? [0]
            try group.steering.steerNewFlows(to: slots)
        case 2:
            // Half of all clients, or those at addresses up to 127.0.0.7, or both.
            let kind = Int.random(in: 0..<3, using: &random)
            let network = SteeringNetwork(address: [127, 0, 0, 0], length: 29)
            let canary = SteeringCanary(
                slots: [2], millionths: kind == 0 ? 0 : 500_000,
                networks: kind == 1 ? [] : [network], key: 77)
            try group.steering.steerNewFlows(
                to: [Int.random(in: 0...1, using: &random)], canary: canary)
        case 3:
            group.steering.tend()
            if form == .servers { nameServers() }
        case 4 where Int.random(in: 0..<6, using: &random) == 0:
            try group.steering.resteer(slots: [Int.random(in: 0...2, using: &random)])
        case 5 where Int.random(in: 0..<8, using: &random) == 0:
            let slot = Int.random(in: 0...2, using: &random)
            // Datagrams that come before it is placed find no socket.
            try group.replace(slot)
            unplaced.insert(slot)
        case 6:
            for slot in unplaced {
                guard let member = group.members[slot] else { continue }
                try group.steering.replace(member.socket, at: slot)
            }
            unplaced = []
        default: break
        }
    }

    /// A datagram of a session that there is, or of a new one.
    mutating func quicDatagram() -> [UInt8] {
        if sessions.isEmpty || Int.random(in: 0..<10, using: &random) == 0 {
            let own = [8, 8, 0, 3, 20].randomElement(using: &random) ?? 8
            var session = QUICSession(length: lengths.randomElement(using: &random) ?? 8, own: own)
            if let id = ownedID() { session.id = id }
            if Int.random(in: 0..<4, using: &random) == 0 {
                session.version =
                    [QUICDatagram.version2, 0xff00_001d, 0x1a2a_3a4a].randomElement(using: &random)
                    ?? 1
            }
            sessions.append(session)
            return session.initial
        }
        let at = Int.random(in: 0..<sessions.count, using: &random)
        switch Int.random(in: 0..<14, using: &random) {
        case 0: return sessions[at].initial
        case 1, 2: return sessions[at].handshake
        case 3: return sessions[at].coalesced
        case 4:
            sessions[at].rotate()
            if let id = ownedID() { sessions[at].id = id }
            return sessions[at].data
        case 5:
            var bytes =
                [sessions[at].initial, sessions[at].handshake, sessions[at].coalesced]
                .randomElement(using: &random) ?? []
            random.mutate(&bytes)
            return bytes
        case 6: return QUICDatagram.noise(Int.random(in: 0...60, using: &random))
        default: return sessions[at].data
        }
    }

    /// An id that tells its worker; some are forged.
    private mutating func ownedID() -> [UInt8]? {
        let slot = Int.random(in: 0...2, using: &random)
        if form == .noise { return nil }
        if form == .servers {
            // One of four is nobody's.
            return [UInt8.random(in: 0...255, using: &random), 1, 2, 3]
                + [UInt8.random(in: 0...3, using: &random)] + QUICDatagram.noise(7)
        }
        if form == .seals {
            var id = try? group.id(of: slot, server: Int.random(in: 0...9, using: &random))
            if Int.random(in: 0..<5, using: &random) == 0, let count = id?.count {
                id?[Int.random(in: 0..<count, using: &random)] ^= 4
            }
            return id
        }
        let cookie = (try? group.members[slot]?.socket.socketCookie()) ?? 0
        return (0..<8).reversed().map { UInt8(truncatingIfNeeded: cookie >> ($0 * 8)) }
            + QUICDatagram.noise(12)
    }
}

extension SteeringCounters {
    fileprivate static func + (one: SteeringCounters, more: SteeringCounters) -> SteeringCounters {
        var sum = one
        sum.datagrams += more.datagrams
        sum.pinned += more.pinned
        sum.newFlows += more.newFlows
        sum.fallback += more.fallback
        sum.evicted += more.evicted
        sum.unrecorded += more.unrecorded
        guard var rules = one.rules, let others = more.rules else { return sum }
        rules.tuple += others.tuple
        rules.learned += others.learned
        rules.rebound += others.rebound
        rules.hinted += others.hinted
        rules.guessed += others.guessed
        rules.unknown += others.unknown
        rules.moved += others.moved
        rules.owner += others.owner
        rules.copied += others.copied
        rules.uncopied += others.uncopied
        sum.rules = rules
        return sum
    }
}
