/// How many of something are due, at a rate.
struct Pace {
    private let rate: Double
    private let start: Duration
    private var given: UInt64 = 0

    init(rate: Double, from start: Duration) {
        self.rate = rate
        self.start = start
    }

    /// Takes what has become due. A client that was held up makes at most 50 ms good at once:
    /// a burst would measure the burst.
    mutating func take(at now: Duration) -> Int {
        let due = UInt64(max(0, (now - start).seconds * rate))
        guard due > given else { return 0 }
        let count = due - given
        given = due
        return Int(min(count, UInt64(max(1, rate * 0.05))))
    }
}
