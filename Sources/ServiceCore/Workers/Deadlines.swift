import HandoverCore

/// When something is due for each of many: the earliest is known at once, and a change costs little.
struct Deadlines<Key: Hashable & Comparable & Sendable>: Sendable {
    private var times: [Key: Instant] = [:]
    /// A heap, the earliest first; an entry counts only while `times` has the same. The first one does.
    private(set) var heap: [(time: Instant, key: Key)] = []

    /// Entries that do not count are thrown out when there are so many more than those that do.
    private static var slack: Int { 64 }

    var earliest: Instant? { heap.first?.time }

    /// Changes when something is due; nil is never.
    mutating func set(_ key: Key, to time: Instant?) {
        guard times[key] != time else { return }
        times[key] = time
        if let time {
            heap.append((time, key))
            rise()
        }
        while let first = heap.first, times[first.key] != first.time { removeFirst() }
        if heap.count > 2 * times.count + Self.slack { rebuild() }
    }

    /// For whom something is due, in order.
    func due(at now: Instant) -> [Key] {
        var found: Set<Key> = []
        var places = [0]
        while let place = places.popLast() {
            guard place < heap.count, heap[place].time <= now else { continue }
            if times[heap[place].key] == heap[place].time { found.insert(heap[place].key) }
            places += [2 * place + 1, 2 * place + 2]
        }
        return found.sorted()
    }

    private mutating func rise() {
        var place = heap.count - 1
        while place > 0, heap[place].time < heap[(place - 1) / 2].time {
            heap.swapAt(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    private mutating func removeFirst() {
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var place = 0
        while true {
            let children = [2 * place + 1, 2 * place + 2].filter { $0 < heap.count }
            guard let least = children.min(by: { heap[$0].time < heap[$1].time }),
                heap[least].time < heap[place].time
            else { return }
            heap.swapAt(place, least)
            place = least
        }
    }

    /// Sorted entries are a heap as well.
    private mutating func rebuild() {
        heap = times.map { (time: $0.value, key: $0.key) }.sorted { $0.time < $1.time }
    }
}
