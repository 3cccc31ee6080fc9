import HandoverCore

/// The owner of what was lost at sockets that are closed, and of the generations whose slots are being
/// given back.
struct SlotLosses: Sendable {
    /// By listener, over the life of the service.
    private(set) var atListeners: [Int]
    private var freeing: [GenerationID: (left: Int, lost: Int)] = [:]

    init(_ atListeners: [Int]) { self.atListeners = atListeners }

    mutating func addListener() { atListeners.append(0) }

    /// Another listener has that number.
    mutating func begin(_ listener: Int) { atListeners[listener] = 0 }

    mutating func add(_ count: Int, at listener: Int) { atListeners[listener] += count }

    /// So many slots of a generation are to be given back.
    mutating func free(_ generation: GenerationID, slots: Int) { freeing[generation] = (slots, 0) }

    /// One was given back.
    mutating func released(of generation: GenerationID, lost: Int) -> BanksAnswer {
        guard var entry = freeing[generation] else { return .lost(generation, lost) }
        entry.left -= 1
        entry.lost += lost
        freeing[generation] = entry.left > 0 ? entry : nil
        return entry.left > 0 ? .waits([]) : .freed(generation, lost: entry.lost)
    }
}
