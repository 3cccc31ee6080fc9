import HandoverCore

/// The owner of what the kernel would not steer: it is asked again each second.
struct SteeringRefusals: Sendable {
    private static let interval = Duration.seconds(1)

    /// Whose flows were to move on, by the slots they are pinned to.
    private var slots: [SlotID: GenerationID] = [:]
    private(set) var dueAt: Instant?
    /// How many times flows were to move on of which it is not known yet whether they have.
    private var moves = 0
    /// A choice that was accepted meanwhile: it counts once all of them are known.
    private var held: (generation: GenerationID, time: Duration)?
    /// Why new flows do not go where they should; what was told is not told again.
    private(set) var reason: String?

    /// New flows were not sent where they should go.
    ///
    /// - Returns: whether that is to be told.
    mutating func steering(_ reason: String, at now: Instant) -> Bool {
        held = nil
        dueAt = now + Self.interval
        defer { self.reason = reason }
        return self.reason != reason
    }

    mutating func resteering(_ slot: SlotID, of generation: GenerationID, at now: Instant) {
        slots[slot] = generation
        dueAt = now + Self.interval
    }

    /// Flows are to move on: what comes of it is told by `moved`.
    mutating func beginMove() { moves += 1 }

    /// Keeps back that a choice was accepted while it is not known whether flows have moved.
    ///
    /// - Returns: whether that is so.
    mutating func holdBack(_ generation: GenerationID, _ time: Duration) -> Bool {
        guard moves > 0 else { return false }
        held = (generation, time)
        return true
    }

    /// It is known whether some flows have moved on.
    ///
    /// - Returns: the choice that was kept back, with the last of them.
    mutating func moved() -> (generation: GenerationID, time: Duration)? {
        moves = max(0, moves - 1)
        guard moves == 0 else { return nil }
        defer { held = nil }
        return held
    }

    /// Whether flows may still come to slots of a generation that they were to leave.
    func holds(_ generation: GenerationID) -> Bool { slots.values.contains(generation) }

    /// New flows go where they should.
    mutating func steered() {
        reason = nil
        if slots.isEmpty { dueAt = nil }
    }

    /// Whether it is time to ask again, and for which slots; they are not told a second time.
    mutating func takeDue(at now: Instant) -> [SlotID: GenerationID]? {
        guard let due = dueAt, due <= now else { return nil }
        dueAt = nil
        defer { slots = [:] }
        return slots
    }
}
