import Kernel

/// Answers that are held back, in the order they are due.
struct LateAnswers {
    /// One answer and the moment it is due, a time of `MonotonicClock.now()`.
    struct Entry {
        let due: Duration
        let bytes: [UInt8]
        let peer: SocketAddress?
        let local: SocketAddress?
        let socket: ServedSocket
    }

    private var entries: [Entry] = []
    private var head = 0

    var isEmpty: Bool { head == entries.count }

    /// When the next one is due.
    var nextDue: Duration? { isEmpty ? nil : entries[head].due }

    /// The delay is the same for all, so that they are due in the order they come.
    mutating func append(_ entry: Entry) { entries.append(entry) }

    /// Takes the next one if it is due.
    mutating func takeDue(at now: Duration) -> Entry? {
        guard let due = nextDue, due <= now else { return nil }
        head += 1
        let entry = entries[head - 1]
        if head > 1024, head * 2 > entries.count {
            entries.removeFirst(head)
            head = 0
        }
        return entry
    }
}
