package import HandoverCore

/// A change that somebody asked for and waits to hear of.
package struct PendingRequest: Equatable, Sendable {
    /// Who is told; nobody where the request came by a signal.
    package internal(set) var asker: AskerID?
    let wait: Wait
    let sendsProgress: Bool
    /// What it is called in the log.
    let what: String
    let began: Instant
    /// Who asked, and for what.
    let origin: Origin
    /// The generation that it has started.
    var generation: GenerationID?
    /// Whether the machine has answered and the asker waits for the handover's end.
    var awaitsEnd = false
    /// The generation that has become current, where it is being looked whether new flows go to it.
    var awaitsLook: GenerationID?
    /// The end of its handover, where that came before the look.
    var report: HandoverReport?

    init(
        asker: AskerID?, wait: Wait, sendsProgress: Bool, what: String, began: Instant,
        from origin: Origin = Origin()
    ) {
        self.asker = asker
        self.wait = wait
        self.sendsProgress = sendsProgress
        self.what = what
        self.began = began
        self.origin = origin
    }
}

/// The owner of the requests whose askers still wait.
package struct Requests: Sendable {
    private var pending: [RequestID: PendingRequest] = [:]
    /// Numbers are never given twice: a predecessor's machine still answers its own.
    package private(set) var lastNumber = 0

    package subscript(id: RequestID) -> PendingRequest? { pending[id] }

    mutating func add(_ request: PendingRequest) -> RequestID {
        lastNumber += 1
        let id = RequestID(lastNumber)
        pending[id] = request
        return id
    }

    mutating func goOn(after number: Int) { lastNumber = max(lastNumber, number) }

    /// Notes which generation a request has started.
    mutating func started(_ generation: GenerationID, by id: RequestID) {
        pending[id]?.generation = generation
    }

    /// Answers an asker that does not want to wait, once its request is taken.
    mutating func release(_ id: RequestID) -> Verb? {
        guard let request = pending[id], request.wait == .none else { return nil }
        pending[id]?.asker = nil
        return request.asker.map { .tell($0, .done(request.generation, nil)) }
    }

    /// Ends a request with its answer.
    mutating func finish(_ id: RequestID, _ reply: Reply) -> Verb? {
        guard let request = pending.removeValue(forKey: id) else { return nil }
        return request.asker.map { .tell($0, reply) }
    }

    /// The machine has answered; the asker waits for the handover's end.
    mutating func awaitEnd(_ id: RequestID) { pending[id]?.awaitsEnd = true }

    /// A generation is current, and what that came to is not known yet.
    mutating func awaitLook(_ id: RequestID, at generation: GenerationID) {
        pending[id]?.awaitsLook = generation
    }

    /// The handover has ended, and what its flip came to is not known yet.
    ///
    /// - Returns: whether it is waited for that.
    mutating func ended(_ id: RequestID, _ report: HandoverReport) -> Bool {
        guard pending[id]?.awaitsLook != nil else { return false }
        pending[id]?.report = report
        return true
    }

    /// What it came to is known.
    mutating func wasLooked(_ id: RequestID) { pending[id]?.awaitsLook = nil }

    /// Requests that wait for a look at what is, and the generations that they are about.
    var awaitingLook: [(RequestID, GenerationID)] {
        pending.compactMap { id, request in request.awaitsLook.map { (id, $0) } }
            .sorted { $0.0.number < $1.0.number }
    }

    /// All that wait.
    var open: [RequestID] { pending.keys.sorted { $0.number < $1.number } }

    /// Requests that wait for the end of a handover.
    var awaitingEnd: [RequestID] {
        pending.filter { $1.awaitsEnd && $1.report == nil }.keys.sorted { $0.number < $1.number }
    }

    /// The asker has gone: nobody is told any more.
    mutating func forget(_ asker: AskerID) {
        for (id, request) in pending where request.asker == asker { pending[id]?.asker = nil }
    }

    /// Passes a step on to who asked for the handover that it belongs to.
    func progress(_ progress: Progress) -> Verb? {
        guard let id = progress.request, let request = pending[id], request.sendsProgress,
            let asker = request.asker
        else { return nil }
        return .tell(asker, .progress(progress, sinceAsked: progress.at - request.began))
    }

    /// Tells who asked for a generation something about it.
    func remark(_ text: String, _ generation: GenerationID, to id: RequestID, at now: Instant)
        -> Verb?
    {
        guard let request = pending[id], request.sendsProgress, let asker = request.asker else {
            return nil
        }
        return .tell(asker, .remark(text, generation, sinceAsked: now - request.began))
    }

    /// How many askers wait.
    package var count: Int { pending.count }
}
