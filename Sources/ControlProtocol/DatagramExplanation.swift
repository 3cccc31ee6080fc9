/// Where a datagram would go, and why.
package struct DatagramExplanation: Codable, Equatable, Sendable {
    /// Why nothing can be said of it; then nothing else is.
    package var problem: String?
    package var listener: String?
    package var steering: String?
    /// What it is read as.
    package var form: String?
    /// id, owner, handshake, tuple, opens, beside, hint, copied, guess, unknown, stateless, passed.
    package var rule: String?
    /// nil where the kernel chooses.
    package var place: SlotPlace?
    /// Where it may go, where the kernel chooses; where its copies go.
    package var candidates: [SlotPlace]?
    /// Whether the client is one of a canary's share.
    package var canary: Bool?
    /// Whether the payload that was given ends before what steering reads.
    package var incomplete: Bool?
    /// What was looked for, in order.
    package var steps: [ExplanationStep]?

    package init(problem: String) { self.problem = problem }

    package init(
        listener: String, steering: String, form: String?, rule: String, place: SlotPlace?,
        candidates: [SlotPlace]?, canary: Bool, incomplete: Bool, steps: [ExplanationStep]
    ) {
        self.listener = listener
        self.steering = steering
        self.form = form
        self.rule = rule
        self.place = place
        self.candidates = candidates
        self.canary = canary
        self.incomplete = incomplete
        self.steps = steps
    }
}

/// A slot, and who reads it.
package struct SlotPlace: Codable, Equatable, Sendable {
    package var slot: Int
    /// nil where no generation has it.
    package var generation: Int?
    package var worker: Int?
    /// Of the generation, as the status has it.
    package var state: String?

    package init(slot: Int, generation: Int? = nil, worker: Int? = nil, state: String? = nil) {
        self.slot = slot
        self.generation = generation
        self.worker = worker
        self.state = state
    }
}

/// One key that was looked for.
package struct ExplanationStep: Codable, Equatable, Sendable {
    /// id, seal, owner, handshake, tuple, address, guess.
    package var key: String
    /// Of an id, in hexadecimal.
    package var bytes: String?
    /// found, absent, expired, closed, noSocket, noBudget.
    package var outcome: String
    /// Where its entry leads.
    package var place: SlotPlace?
    package var confirmed: Bool?
    /// Since it was last written that it was seen.
    package var ageSeconds: Double?
    /// Until it is forgotten.
    package var secondsLeft: Double?
    /// Whether a drain counts it.
    package var counted: Bool?

    package init(
        key: String, bytes: String? = nil, outcome: String, place: SlotPlace? = nil,
        confirmed: Bool? = nil, ageSeconds: Double? = nil, secondsLeft: Double? = nil,
        counted: Bool? = nil
    ) {
        self.key = key
        self.bytes = bytes
        self.outcome = outcome
        self.place = place
        self.confirmed = confirmed
        self.ageSeconds = ageSeconds
        self.secondsLeft = secondsLeft
        self.counted = counted
    }
}

/// The parameters of an `Explain` reply.
package struct ExplainReply: Codable, Equatable, Sendable {
    /// One for each datagram that was asked of, in their order.
    package var explanations: [DatagramExplanation]

    package init(explanations: [DatagramExplanation]) { self.explanations = explanations }
}
