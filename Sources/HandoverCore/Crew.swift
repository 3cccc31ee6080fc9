/// The workers of a generation in the order of their indexes, and what follows from all of them together.
///
/// That is kept up to date with each change, so that an event about one worker costs the same among many
/// as alone.
package struct Crew: Sendable {
    private var workers: [Worker]
    /// The indexes of those that serve, ascending.
    private(set) var ready: [Int] = []
    private var tally = Tally()
    /// The earliest of their deadlines, and how many have that one.
    private var earliest: (time: Instant, count: Int)?
    /// What has to be written down again.
    private var changed: Set<Int>

    /// How many of the workers are in some state.
    private struct Tally {
        var gone = 0
        var spawning = 0
        var drained = 0
        var sessions = 0

        mutating func add(_ worker: Worker, _ sign: Int) {
            if worker.state == .gone { gone += sign }
            if worker.isSpawning { spawning += sign }
            if worker.isDrained { drained += sign }
            if worker.holdsSessions { sessions += sign * (worker.sessions ?? 0) }
        }
    }

    package init(_ workers: [Worker]) {
        self.workers = workers
        changed = Set(workers.indices)
        for (index, worker) in workers.enumerated() {
            if worker.isReady { ready.append(index) }
            tally.add(worker, 1)
            if let deadline = worker.deadline { begin(deadline) }
        }
    }

    /// When something is due for one of them.
    var earliestDeadline: Instant? { earliest?.time }

    /// Whether every one serves.
    var isWhole: Bool { ready.count == workers.count }

    /// Whether none has a process or will get one.
    var isDeserted: Bool { tally.gone == workers.count }

    /// Whether a process of one is asked for and not seen to run yet.
    var isSpawning: Bool { tally.spawning > 0 }

    /// Whether every one that is not gone has said that it has no session left.
    var isDrained: Bool { tally.gone + tally.drained == workers.count }

    /// The sessions that they say they have.
    var sessions: Int { tally.sessions }

    /// The indexes of those that have changed since this was asked last.
    mutating func takeChanged() -> Set<Int> {
        if changed.isEmpty { return [] }
        defer { changed = [] }
        return changed
    }

    private mutating func change(_ index: Int, to worker: Worker) {
        let before = workers[index]
        workers[index] = worker
        changed.insert(index)
        tally.add(before, -1)
        tally.add(worker, 1)
        if before.isReady != worker.isReady {
            let place = ready.firstIndex { $0 >= index } ?? ready.endIndex
            if worker.isReady {
                ready.insert(index, at: place)
            } else {
                ready.remove(at: place)
            }
        }
        guard before.deadline != worker.deadline else { return }
        if let deadline = worker.deadline { begin(deadline) }
        if let deadline = before.deadline { end(deadline) }
    }

    private mutating func begin(_ deadline: Instant) {
        guard let (time, count) = earliest, time <= deadline else {
            earliest = (deadline, 1)
            return
        }
        if time == deadline { earliest = (time, count + 1) }
    }

    private mutating func end(_ deadline: Instant) {
        guard let (time, count) = earliest, time == deadline else { return }
        earliest = (time, count - 1)
        guard count == 1 else { return }
        earliest = nil
        for worker in workers { if let deadline = worker.deadline { begin(deadline) } }
    }
}

extension Crew: RandomAccessCollection {
    package var startIndex: Int { 0 }

    package var endIndex: Int { workers.count }

    package internal(set) subscript(index: Int) -> Worker {
        get { workers[index] }
        set { change(index, to: newValue) }
    }
}

/// All else follows from the workers.
extension Crew: Hashable {
    package static func == (one: Crew, other: Crew) -> Bool { one.workers == other.workers }

    package func hash(into hasher: inout Hasher) { hasher.combine(workers) }
}

/// Written as the array of its workers.
extension Crew: Codable {
    package init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode([Worker].self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(workers)
    }
}
