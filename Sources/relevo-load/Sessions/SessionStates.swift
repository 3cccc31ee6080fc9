/// A server's memory of its sessions, by their ids; gone with its process.
///
/// It knows a session by its id alone, wherever a datagram comes from, as servers of these protocols do.
struct SessionStates {
    private final class Session {
        var count: UInt64 = 0
        /// What the client opened it with, so that a datagram sent twice opens one.
        let opening: [UInt8]

        init(opening: [UInt8]) { self.opening = opening }
    }

    /// Who a client's flow is.
    private struct Flow: Hashable {
        let run: UInt64
        let flow: UInt64
    }

    let form: SessionProtocol
    let idLength: Int
    private var sessions: [[UInt8]: Session] = [:]
    private var byFlow: [Flow: Session] = [:]

    init(_ form: SessionProtocol, idLength: Int) {
        self.form = form
        self.idLength = idLength
    }

    /// The answer to a datagram; nil for one that no client of ours has sent.
    mutating func answer(to datagram: [UInt8], as server: ServerIdentity) -> [UInt8]? {
        guard let request = form.request(datagram, idLength: idLength) else { return nil }
        let session = session(of: request)
        var body = request.body
        body.server = server
        body.isKnown = session != nil
        body.wantsIDs = false
        var id = request.id
        if let session {
            session.count += 1
            body.count = session.count
            if request.kind == .open { id = issue(to: session) }
            if request.body.wantsIDs, form.givesIDs {
                body.ids = (0..<SessionBody.mostIDs).map { _ in issue(to: session) }
            }
        }
        return form.answer(to: request, id: id, body)
    }

    private mutating func session(of request: SessionProtocol.Request) -> Session? {
        guard request.kind == .open else { return sessions[request.id] }
        let flow = Flow(run: request.body.run, flow: request.body.flow)
        if let session = byFlow[flow] {
            // New keys for a session that is there, or the opening datagram once more.
            if form == .wireguard || session.opening == request.id { return session }
        }
        // One that goes on cannot begin here.
        guard request.body.sequence == 0 else { return nil }
        let session = Session(opening: request.id)
        byFlow[flow] = session
        return session
    }

    private mutating func issue(to session: Session) -> [UInt8] {
        var random = SystemRandomNumberGenerator()
        while true {
            let id = (0..<idLength).map { _ in UInt8.random(in: 0...255, using: &random) }
            guard sessions[id] == nil else { continue }
            sessions[id] = session
            return id
        }
    }
}
