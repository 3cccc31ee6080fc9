import Kernel
import Steering
import TestKit
import TestSeeds
import Testing

/// Long random sequences of what clients and upgrades do, held against a plain account of whose each session is.
@Suite(.enabled(if: Privilege.hasBPF, "needs CAP_BPF"), .serialized)
struct SequenceTests {
    @Test(arguments: 1...6)
    func everySessionStaysWhereItBegan(seed: Int) throws {
        var account = try Account(seed: UInt64(seed))
        for step in 0..<1500 {
            let deed = try account.step()
            guard deed.isRight else {
                Issue.record("seed \(seed), step \(step): \(deed)")
                return
            }
        }
    }
}

/// What was done, and where the datagrams went.
private struct Deed: CustomStringConvertible {
    let name: String
    let expected: Int
    let found: Int?

    var isRight: Bool { found == expected }
    var description: String { "\(name): to \(found ?? -1), not to \(expected)" }
}

/// The sessions as anybody would write them down: each has a home.
private struct Account {
    private struct Session {
        var connection: QUICSession
        let home: Int
        var client: Int
        var port: Int
    }

    private let group: SteeredGroup
    private var random: SeededGenerator
    private var sessions: [Session] = []
    private var current = 0
    private var clients = 0

    init(seed: UInt64) throws {
        var setup = SteeredGroup.quicSetup
        // Nothing is guessed: what is made up goes to the current one.
        setup.unknownIDs = .current
        group = try SteeredGroup.quic(setup)
        random = SeededGenerator(seed: seed)
    }

    mutating func step() throws -> Deed {
        switch Int.random(in: 0..<20, using: &random) {
        case 0..<5: return try open()
        case 5..<9: return try use("used") { _ in }
        case 9..<12: return try use("rebound") { $0.moves = true }
        case 12..<14: return try use("rotated") { $0.rotates = true }
        case 14..<16:
            return try use("rotated, then rebound") { ($0.rotates, $0.moves) = (true, true) }
        case 16..<18: return try makeUp()
        case 18: return try flip()
        default: return try end()
        }
    }

    private mutating func newClient(unlike port: Int?) throws -> (Int, Int) {
        clients += 1
        // One port in 256 looks like the one before.
        while true {
            let next = Int.random(in: 0..<8, using: &random)
            guard let port, try group.clientMark(port: next) == group.clientMark(port: port) else {
                return (clients, next)
            }
        }
    }

    private mutating func open() throws -> Deed {
        let (client, port) = try newClient(unlike: nil)
        let session = Session(
            connection: QUICSession(), home: current, client: client, port: port)
        sessions.append(session)
        return Deed(
            name: "opened", expected: current,
            found: try group.open(session.connection, from: client, port: port))
    }

    private struct Change {
        var rotates = false
        var moves = false
    }

    private mutating func use(_ name: String, _ make: (inout Change) -> Void) throws -> Deed {
        guard let at = sessions.indices.randomElement(using: &random) else { return try open() }
        var change = Change()
        make(&change)
        if change.rotates {
            sessions[at].connection.rotate()
            let deed = try send(at, name)
            if !deed.isRight || !change.moves { return deed }
        }
        if change.moves {
            (sessions[at].client, sessions[at].port) = try newClient(unlike: sessions[at].port)
        }
        return try send(at, name)
    }

    private func send(_ at: Int, _ name: String) throws -> Deed {
        let session = sessions[at]
        return Deed(
            name: name, expected: session.home,
            found: try group.slot(
                of: session.connection.data, from: session.client, port: session.port))
    }

    private mutating func makeUp() throws -> Deed {
        let (client, port) = try newClient(unlike: nil)
        return Deed(
            name: "made up", expected: current,
            found: try group.slot(of: QUICSession().data, from: client, port: port))
    }

    private mutating func flip() throws -> Deed {
        current = Int.random(in: 0..<group.members.count, using: &random)
        try group.steering.steerNewFlows(to: [current])
        return try open()
    }

    /// A drain ends, and the slot gets its next life.
    private mutating func end() throws -> Deed {
        let slot =
            (current + Int.random(in: 1..<group.members.count, using: &random))
            % group.members.count
        sessions.removeAll { $0.home == slot }
        try group.steering.release(slot)
        if let member = group.members[slot] { try group.steering.place(member.socket, at: slot) }
        return try makeUp()
    }
}
