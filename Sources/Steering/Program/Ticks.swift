import SteeringABI

/// The units of time in a flow's entry, which has 16 bits for it.
///
/// A flow that was seen for long is told in coarse ticks, as long as the idle time asks for. One
/// that is not confirmed is told in fresh ticks, which stay short however long the idle time is:
/// so that a millisecond, and the five seconds for which it holds up a drain, can be told at all.
struct Ticks: Equatable {
    /// A fresh tick is this power of two in nanoseconds: 1.05 ms at least, 17 ms at most.
    let freshShift: UInt32
    /// A coarse tick: 34 ms for a minute's idle time, 9 min for a week's.
    let shift: UInt32
    /// The idle time in coarse ticks, at most half the time that an entry can tell.
    private(set) var idle: UInt32
    /// The same in fresh ticks, or as many as an entry can tell: 9 minutes.
    private(set) var freshIdle: UInt32
    /// A confirmed flow's time is written again only after this long, to spare cache lines.
    var refresh: UInt32
    /// For how many idle times an entry is honoured: it counts as live for the first of them alone.
    let honoured: UInt32
    /// As many fresh ticks between two readings mean that a millisecond has passed for certain.
    private(set) var confirm: UInt32

    private static let shortest: UInt32 = 20
    private static let longestFresh: UInt32 = 24

    /// - Parameters:
    ///   - clockStep: how far apart two readings of the program's clock may be.
    ///   - honoured: a session that is silent for longer than its flow counts may come back from another
    ///     address, for that is when its address changes: its entries are then good for so many times as long.
    init(idleTimeout: Duration, clockStep: Duration, honoured: Int = 1) {
        let time = max(1, idleTimeout.nanoseconds.clampedProduct(honoured))
        self.honoured = UInt32(honoured)
        func shift(for most: Int) -> UInt32 {
            var shift = Self.shortest
            while time >> shift >= most { shift += 1 }
            return shift
        }
        // No finer than is needed, so that the idle time may become longer: ids need the lower bits for a mark.
        let coarse = shift(for: honoured > 1 ? 1 << 15 : 1 << 11)
        self.shift = coarse
        freshShift = min(shift(for: 1 << 15), Self.longestFresh)
        idle = 0
        freshIdle = 0
        refresh = 0
        confirm = 0
        (idle, freshIdle, refresh) = limits(for: time)
        let tick = 1 << freshShift
        confirm = UInt32(max(1, (clockStep.nanoseconds + tick - 1) / tick) + 1)
    }

    /// Those that a program goes by already.
    init(
        freshShift: UInt32, shift: UInt32, idle: UInt32, freshIdle: UInt32, refresh: UInt32,
        confirm: UInt32, honoured: UInt32 = 1
    ) {
        self.freshShift = freshShift
        self.shift = shift
        self.idle = idle
        self.freshIdle = freshIdle
        self.refresh = refresh
        self.confirm = confirm
        self.honoured = honoured
    }

    private func limits(for time: Int) -> (idle: UInt32, fresh: UInt32, refresh: UInt32) {
        let idle = UInt32(clamping: max(1, time >> Int(shift)))
        let fresh = UInt32(max(1, min(1 << 15 - 1, time >> Int(freshShift))))
        return (idle, fresh, max(1, idle / 64))
    }

    /// The limits for another idle time in the same units: what stands in entries means what it meant.
    ///
    /// - Returns: nil where the units are too short for that, or too long.
    func with(idleTimeout: Duration) -> Ticks? {
        let time = max(1, idleTimeout.nanoseconds.clampedProduct(Int(honoured)))
        var ticks = self
        (ticks.idle, ticks.freshIdle, ticks.refresh) = limits(for: time)
        return ticks.idle < 1 << 15 && ticks.idle >= Self.fewest ? ticks : nil
    }

    /// So few ticks tell an idle time to a sixteenth.
    private static let fewest: UInt32 = 16

    /// Whether an entry's 16 bits can tell such times.
    var areSound: Bool {
        Self.shortest..<64 ~= shift && Self.shortest...shift ~= freshShift
            && 1..<(1 << 15) ~= idle && 1..<(1 << 15) ~= freshIdle
    }

    /// Five seconds in fresh ticks, the time that an unconfirmed flow holds up a drain.
    var recent: UInt32 { min(freshIdle, UInt32(5_000_000_000 >> freshShift)) }

    /// What an entry shows for a time of the monotonic clock.
    func at(nanoseconds: UInt64) -> TableTime {
        TableTime(
            fresh: UInt16(truncatingIfNeeded: nanoseconds >> UInt64(freshShift)),
            coarse: UInt16(truncatingIfNeeded: nanoseconds >> UInt64(shift)))
    }

    /// The greatest age of a flow that has not ended, in the ticks of its entry.
    func limit(of entry: FlowEntry) -> UInt32 { entry.isCoarse ? idle : freshIdle }

    /// The greatest age of a flow that counts as live: with ids its time may not have been written for a
    /// sixteenth of what an entry is good for.
    func countLimit(of entry: FlowEntry) -> UInt32 {
        let limit = limit(of: entry)
        return honoured == 1 ? limit : max(1, limit / honoured + limit / 16)
    }

    /// How long a confirmed 4-tuple goes on to count that a session has left, on the average: it may have been
    /// written that it was seen for a sixteenth of what an entry is good for before that.
    var leftLifetime: Duration {
        let entry = FlowEntry(word: UInt64(RELEVO_COARSE | RELEVO_CONFIRMED))
        let count = max(1, countLimit(of: entry) - min(countLimit(of: entry) - 1, idle / 32))
        return .nanoseconds(Int64(count) << Int64(shift))
    }

    /// Whether nothing came of a flow for the idle time.
    func isIdle(_ entry: FlowEntry, at now: TableTime) -> Bool {
        entry.age(at: now) > limit(of: entry)
    }

    /// Whether that is so for every program under way, even one that reads its clock a little late.
    func isIdleForAll(_ entry: FlowEntry, at now: TableTime) -> Bool {
        let limit = limit(of: entry)
        return entry.age(at: now) > limit + limit / 64 + 4
    }

    /// Whether an entry's time is to be told in coarse ticks from now on: long before the fresh
    /// ones have come round.
    func isStale(_ entry: FlowEntry, at now: TableTime) -> Bool {
        freshShift < shift && !entry.isCoarse && entry.age(at: now) > freshIdle / 2
    }

    /// The same flow with its time in coarse ticks.
    func coarse(_ entry: FlowEntry, at now: TableTime) -> FlowEntry {
        if entry.isCoarse { return entry }
        let age = (UInt64(entry.age(at: now)) << UInt64(freshShift)) >> UInt64(shift)
        let seen = now.coarse &- UInt16(truncatingIfNeeded: age)
        let rest = entry.word & ~(UInt64(0xffff) << UInt64(RELEVO_SEEN_SHIFT))
        return FlowEntry(
            word: rest | UInt64(seen) << UInt64(RELEVO_SEEN_SHIFT) | UInt64(RELEVO_COARSE))
    }
}

/// One moment in both units of a table.
struct TableTime: Equatable {
    var fresh: UInt16
    var coarse: UInt16
}

extension Int {
    fileprivate func clampedProduct(_ factor: Int) -> Int {
        let (product, overflow) = multipliedReportingOverflow(by: factor)
        return overflow ? .max : product
    }
}

extension Duration {
    /// Whole nanoseconds, for the 292 years that fit.
    var nanoseconds: Int {
        let (seconds, attoseconds) = components
        let (product, overflow) = Int(seconds).multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? Int.max : product + Int(attoseconds / 1_000_000_000)
    }
}
