import SteeringABI

/// A slot of one of the listeners that share a table.
struct Seat: Hashable {
    /// The listener's number in the table.
    let member: Int
    let slot: Int
}

/// Numbers the stays of sockets in slots, so that an entry left by an earlier stay is known as such.
///
/// A number whose stay is over is not used again before a sweep has removed its entries.
struct Placements {
    private enum State: Equatable {
        case free
        case open(Seat)
        case stale
    }

    private var states: [State]
    private var openAt: [Seat: Int] = [:]
    private var next = 1

    /// All numbers free.
    ///
    /// - Parameter stays: numbers are below this.
    init(stays: Int = Int(RELEVO_PLACEMENTS)) {
        states = [State](repeating: .free, count: stays)
    }

    /// Those of a predecessor: open ones with their seats, while every other may have entries.
    init(open: [Int: Seat], stays: Int = Int(RELEVO_PLACEMENTS)) {
        self.init(stays: stays)
        for number in states.indices.dropFirst() {
            let seat = open[number]
            states[number] = seat.map { .open($0) } ?? .stale
            if let seat { openAt[seat] = number }
        }
    }

    /// The seats with an open stay, and its number.
    var open: [Seat: Int] { openAt }

    func number(at seat: Seat) -> Int? { openAt[seat] }

    /// The numbers whose entries a sweep that begins now will remove.
    var stale: [Int] { states.indices.filter { states[$0] == .stale } }

    /// Opens a stay; nil when every number waits for a sweep. The seat must not have one.
    mutating func open(_ seat: Seat) -> Int? {
        precondition(openAt[seat] == nil, "slot \(seat.slot) is taken")
        for offset in 0..<states.count - 1 {
            let number = (next - 1 + offset) % (states.count - 1) + 1
            guard states[number] == .free else { continue }
            states[number] = .open(seat)
            openAt[seat] = number
            next = number % (states.count - 1) + 1
            return number
        }
        return nil
    }

    /// Ends the stay in a seat. Does nothing where nobody stays there.
    mutating func close(_ seat: Seat) -> Int? {
        guard let number = openAt.removeValue(forKey: seat) else { return nil }
        states[number] = .stale
        return number
    }

    /// These numbers have no entry left.
    mutating func swept(_ numbers: [Int]) {
        for number in numbers where states[number] == .stale { states[number] = .free }
    }
}
