import SteeringABI

/// Numbers the stays of sockets in slots, so that an entry left by an earlier stay is known as such.
///
/// A number whose stay is over is not used again before a sweep has removed its entries.
struct Placements {
    private enum State: Equatable {
        case free
        case open(slot: Int)
        case stale
    }

    private var states = [State](repeating: .free, count: Int(RELEVO_PLACEMENTS))
    private var openAt: [Int: Int] = [:]
    private var next = 1

    /// All numbers free.
    init() {}

    /// Those of a predecessor: open ones with their slots, while every other may have entries.
    init(open: [Int: Int]) {
        for number in states.indices.dropFirst() {
            let slot = open[number]
            states[number] = slot.map { .open(slot: $0) } ?? .stale
            if let slot { openAt[slot] = number }
        }
    }

    /// The slots with an open stay, and its number.
    var open: [Int: Int] { openAt }

    func number(at slot: Int) -> Int? { openAt[slot] }

    /// The numbers whose entries a sweep that begins now will remove.
    var stale: [Int] { states.indices.filter { states[$0] == .stale } }

    /// Opens a stay; nil when every number waits for a sweep. The slot must not have one.
    mutating func open(slot: Int) -> Int? {
        precondition(openAt[slot] == nil, "slot \(slot) is taken")
        for offset in 0..<states.count - 1 {
            let number = (next - 1 + offset) % (states.count - 1) + 1
            guard states[number] == .free else { continue }
            states[number] = .open(slot: slot)
            openAt[slot] = number
            next = number % (states.count - 1) + 1
            return number
        }
        return nil
    }

    /// Ends the stay in a slot, if there is one.
    mutating func close(slot: Int) -> Int? {
        guard let number = openAt.removeValue(forKey: slot) else { return nil }
        states[number] = .stale
        return number
    }

    /// These numbers have no entry left.
    mutating func swept(_ numbers: [Int]) {
        for number in numbers where states[number] == .stale { states[number] = .free }
    }
}
