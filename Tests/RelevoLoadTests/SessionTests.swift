import FoundationEssentials
import Kernel
import TestKit
import Testing

@testable import relevo_load

/// `relevo-load send --protocol` and its server: what is seen of sessions, and that what is broken is said.
struct SessionTests {
    /// What the report of a load of sessions says.
    private struct Report: Decodable {
        let ok: Bool
        let faults: [String]
        let sessions: Int
        let broken: Int
        let brokenAfter: [String: Int]
        let changes: [String: Int]
        let sent: Int
        let answered: Int
        let lost: Int
        let misrouted: Int
    }

    private func report(_ process: TestProcess) throws -> Report {
        let finished = try process.finished(within: .seconds(60))
        return try JSONDecoder().decode(Report.self, from: Data(finished.text.utf8))
    }

    private func load(_ address: String, _ options: [String]) throws -> TestProcess {
        try TestProcess(
            [
                try Programs.path("relevo-load"), "send", "--to", address, "--json", "--rate",
                "1000", "--duration", "1500ms",
            ] + options, separateErrors: true)
    }

    @Test(arguments: [
        ["quic", "--rebind", "300ms", "--rotate", "200ms", "--migrate", "500ms"],
        ["wireguard", "--rebind", "300ms", "--rotate", "200ms"],
    ])
    func oneServerKeepsEverySession(options: [String]) throws {
        let fixture = try EchoFixture()
        let server = try fixture.server("--protocol", options[0])
        let found = try report(load(fixture.address, ["--flows", "20", "--protocol"] + options))
        #expect(found.ok, "\(found)")
        #expect(found.sessions == 20 && found.broken == 0 && found.misrouted == 0)
        #expect(found.sent > 500 && found.answered == found.sent)
        for change in options.dropFirst() where change.hasPrefix("--") {
            #expect(found.changes[String(change.dropFirst(2)), default: 0] > 5, "\(found)")
        }
        try server.signal(SignalNumber.terminate)
        #expect(try server.exit() == .code(0))
    }

    private func body(_ flow: UInt64, _ sequence: UInt64) -> SessionBody {
        SessionBody(flow: flow, sequence: sequence, sent: 5, run: 7)
    }

    @Test(arguments: SessionProtocol.allCases)
    func whatIsWrittenIsReadBack(form: SessionProtocol) throws {
        var said = body(3, 4)
        said.wantsIDs = true
        let id = [UInt8](repeating: 9, count: form.idLength)
        let own = [UInt8](repeating: 8, count: form.ownLength)
        for kind in [SessionProtocol.Kind.open, .handshake, .data] {
            // In WireGuard an opening names nobody, and nothing comes between it and data.
            if form == .wireguard, kind == .handshake { continue }
            let isShort = kind == .data
            let request = SessionProtocol.Request(
                kind: kind, id: form == .wireguard && kind == .open ? [] : id,
                own: isShort ? [] : own, body: said)
            let bytes = form.bytes(request)
            #expect(form.request(bytes, idLength: form.idLength) == request)
            // As long as real ones are at least.
            #expect(bytes.count >= 21 + id.count)
            said.ids = [id, id]
            let answer = try #require(form.answer(form.answer(to: request, id: id, said)))
            #expect(answer.body == said)
            #expect(answer.id == (kind == .data || form == .wireguard && kind != .open ? nil : id))
            said.ids = []
            for length in 0..<min(bytes.count, 60) {
                #expect(form.request(Array(bytes.prefix(length)), idLength: id.count) == nil)
            }
        }
    }

    @Test func aServerKnowsASessionByItsIdAloneAndNoOtherServerDoes() throws {
        let here = ServerIdentity(generation: 1, worker: 0, process: 2)
        var (one, other) = (SessionStates(.quic, idLength: 8), SessionStates(.quic, idLength: 8))
        func ask(
            _ states: inout SessionStates, _ kind: SessionProtocol.Kind, _ id: [UInt8],
            _ body: SessionBody
        ) throws -> (body: SessionBody, id: [UInt8]?) {
            let request = SessionProtocol.Request(
                kind: kind, id: id, own: [UInt8](repeating: 1, count: 8), body: body)
            let answer = states.answer(to: SessionProtocol.quic.bytes(request), as: here)
            let bytes = try #require(answer)
            return try #require(SessionProtocol.quic.answer(bytes))
        }
        let opening = [UInt8](repeating: 5, count: 8)
        let opened = try ask(&one, .open, opening, body(1, 0))
        let id = try #require(opened.id)
        #expect(opened.body.isKnown && opened.body.count == 1 && opened.body.server == here)
        // Sent twice it opens one session.
        #expect(try ask(&one, .open, opening, body(1, 0)).body.count == 2)
        var next = body(1, 1)
        next.wantsIDs = true
        let more = try ask(&one, .handshake, id, next)
        #expect(more.body.isKnown && more.body.count == 3)
        #expect(Set(more.body.ids).count == SessionBody.mostIDs)
        for id in more.body.ids {
            #expect(try ask(&one, .data, id, body(1, 2)).body.isKnown)
            #expect(try !ask(&other, .data, id, body(1, 2)).body.isKnown)
        }
        // What goes on cannot begin elsewhere.
        #expect(try !ask(&other, .open, opening, body(1, 9)).body.isKnown)
        #expect(one.answer(to: [1, 2, 3], as: here) == nil)
    }

    @Test func newKeysOfWireGuardAreOfTheSessionThatIsThere() throws {
        let here = ServerIdentity(generation: 1, worker: 0, process: 2)
        var states = SessionStates(.wireguard, idLength: 4)
        var ids: [[UInt8]] = []
        for sequence in 0..<2 {
            let request = SessionProtocol.Request(
                kind: .open, id: [], own: [1, 2, 3, 4], body: body(1, UInt64(sequence)))
            let answered = states.answer(to: SessionProtocol.wireguard.bytes(request), as: here)
            let bytes = try #require(answered)
            #expect(bytes.starts(with: [2, 0, 0, 0]))
            let answer = try #require(SessionProtocol.wireguard.answer(bytes))
            #expect(answer.body.isKnown && answer.body.count == UInt64(sequence + 1))
            ids.append(try #require(answer.id))
        }
        #expect(ids[0] != ids[1])
    }

    @Test(arguments: [
        ["--rebind", "1s"], ["--protocol", "wireguard", "--migrate", "1s"],
        ["--protocol", "quic", "--stateless"], ["--protocol", "dtls"],
        ["--protocol", "quic", "--rotate", "0"],
    ])
    func whatDoesNotGoTogetherIsRefused(options: [String]) throws {
        let process = try TestProcess(
            [try Programs.path("relevo-load"), "send", "--to", "127.0.0.1:9"] + options,
            separateErrors: true)
        #expect(try process.finished().exit == .code(64))
    }
}
