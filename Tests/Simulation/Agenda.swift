import HandoverCore

/// What is to happen when, the earliest first; at one time in the order in which it was planned.
struct Agenda<Item> {
    private struct Entry {
        let time: Instant
        let order: Int
        let item: Item

        func isBefore(_ other: Entry) -> Bool {
            time != other.time ? time < other.time : order < other.order
        }
    }

    private var heap: [Entry] = []
    private var count = 0

    var nextTime: Instant? { heap.first?.time }

    var isEmpty: Bool { heap.isEmpty }

    mutating func plan(_ item: Item, at time: Instant) {
        count += 1
        heap.append(Entry(time: time, order: count, item: item))
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].isBefore(heap[parent]) else { break }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    mutating func takeFirst() -> Item? {
        guard let first = heap.first else { return nil }
        let last = heap.removeLast()
        if !heap.isEmpty {
            heap[0] = last
            var parent = 0
            while true {
                var least = parent
                for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
                    if heap[child].isBefore(heap[least]) { least = child }
                }
                if least == parent { break }
                heap.swapAt(parent, least)
                parent = least
            }
        }
        return first.item
    }
}
