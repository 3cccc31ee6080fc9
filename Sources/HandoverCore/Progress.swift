/// One step of a generation's way, for `events` and for who waits on `upgrade`.
package struct Progress: Hashable, Codable, Sendable {
    package let at: Instant
    package let generation: GenerationID
    /// The request whose handover this step belongs to, if any.
    package let request: RequestID?
    package let step: ProgressStep

    package init(
        at: Instant, generation: GenerationID, request: RequestID?, step: ProgressStep
    ) {
        self.at = at
        self.generation = generation
        self.request = request
        self.step = step
    }
}
