/// Handlers in the order of their deadlines; few, so that a sorted array is the shortest way.
struct DeadlineQueue {
    private struct Entry {
        let token: UInt64
        let deadline: Duration
        let handler: () -> Void
    }

    /// Latest first, so that the next one is taken from the end.
    private var entries: [Entry] = []

    var earliest: Duration? { entries.last?.deadline }

    /// Among equal deadlines the one inserted first is due first.
    mutating func insert(_ token: UInt64, at deadline: Duration, _ handler: @escaping () -> Void) {
        let place = entries.firstIndex { $0.deadline <= deadline } ?? entries.endIndex
        entries.insert(Entry(token: token, deadline: deadline, handler: handler), at: place)
    }

    mutating func remove(_ token: UInt64) { entries.removeAll { $0.token == token } }

    mutating func takeDue(at now: Duration) -> (() -> Void)? {
        guard let next = entries.last, next.deadline <= now else { return nil }
        return entries.removeLast().handler
    }
}
