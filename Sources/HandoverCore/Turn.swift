/// One call of `Machine.handle`: the time it is, and what has come out so far.
struct Turn {
    let now: Instant
    private(set) var effects: [Effect] = []

    init(at now: Instant) {
        self.now = now
    }

    mutating func emit(_ effect: Effect) {
        effects.append(effect)
    }

    /// Nothing where nobody asked.
    mutating func answer(_ request: RequestID?, _ answer: Answer) {
        if let request {
            emit(.answer(request, answer))
        }
    }

    mutating func note(_ generation: Generation, _ step: ProgressStep) {
        note(generation.id, generation.handover?.request, step)
    }

    mutating func note(_ id: GenerationID, _ request: RequestID?, _ step: ProgressStep) {
        emit(.progress(Progress(at: now, generation: id, request: request, step: step)))
    }
}
