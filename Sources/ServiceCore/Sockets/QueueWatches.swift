import HandoverCore

/// When the queues of generations on their way out are looked at: nothing tells that one got empty.
struct QueueWatches: Sendable {
    private static let firstInterval = Duration.milliseconds(5)
    /// A server that does not read for so long is hardly about to.
    private static let lastInterval = Duration.milliseconds(50)

    private struct Watch {
        /// nil while a look is under way.
        var nextLook: Instant?
        var interval = QueueWatches.firstInterval
    }

    private var watched: [GenerationID: Watch] = [:]

    mutating func begin(_ generation: GenerationID, at now: Instant) {
        watched[generation] = Watch(nextLook: now)
    }

    mutating func end(_ generation: GenerationID) { watched[generation] = nil }

    func contains(_ generation: GenerationID) -> Bool { watched[generation] != nil }

    /// The generations that are due; their looks are under way from here on.
    mutating func takeDue(at now: Instant) -> [GenerationID] {
        let due = watched.filter { $0.value.nextLook ?? .never <= now }.keys.sorted()
        for generation in due { watched[generation]?.nextLook = nil }
        return due
    }

    /// Something was left to read.
    mutating func again(_ generation: GenerationID, at now: Instant) {
        guard var watch = watched[generation] else { return }
        watch.nextLook = now + watch.interval
        watch.interval = min(watch.interval * 21 / 20, Self.lastInterval)
        watched[generation] = watch
    }

    var nextDeadline: Instant? { watched.values.compactMap(\.nextLook).min() }
}
