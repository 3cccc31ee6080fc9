import HandoverCore

/// What is to happen when, the earliest first; at one time in the order in which it was planned.
struct Agenda<Item> {
    /// Small, for it is moved about; what is planned lies still.
    private struct Entry {
        let time: Int64
        let order: Int
        let place: Int

        func isBefore(_ other: Entry) -> Bool {
            time != other.time ? time < other.time : order < other.order
        }
    }

    private var heap: [Entry] = []
    private var items: [Item?] = []
    private var free: [Int] = []
    private var count = 0
    private var taken = 0
    /// For when that was planned which was taken last: now, or earlier where time has jumped.
    private(set) var takenTime: Int64 = 0

    /// In microseconds.
    var nextTime: Int64? { heap.first?.time }

    var isEmpty: Bool { heap.isEmpty }

    mutating func plan(_ item: Item, at time: Int64) {
        count += 1
        plan(item, at: time, count)
    }

    /// What was just taken happens later, and still before what was planned after it.
    mutating func postpone(_ item: Item, to time: Int64) { plan(item, at: time, taken) }

    private mutating func plan(_ item: Item, at time: Int64, _ order: Int) {
        let place: Int
        if let last = free.popLast() {
            place = last
            items[place] = item
        } else {
            place = items.count
            items.append(item)
        }
        heap.append(Entry(time: time, order: order, place: place))
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
            sink()
        }
        free.append(first.place)
        taken = first.order
        takenTime = first.time
        return items[first.place].take()
    }

    private mutating func sink() {
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
                if heap[child].isBefore(heap[least]) { least = child }
            }
            if least == parent { return }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}
