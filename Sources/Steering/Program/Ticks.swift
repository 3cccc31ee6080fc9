import SteeringABI

/// The unit of time in a flow's entry, which has 16 bits for it.
struct Ticks: Equatable {
    /// A tick is this power of two in nanoseconds: 1.05 ms at least, 2.1 ms for a minute's idle time.
    let shift: UInt32
    /// The idle time, at most half the time that an entry can tell.
    let idle: UInt32
    /// A confirmed flow's time is written again only after this long, to spare cache lines.
    let refresh: UInt32
    /// As many ticks between two readings mean that a millisecond has passed for certain.
    let confirm: UInt32
    /// Five seconds, the time that an unconfirmed flow holds up a drain.
    let recent: UInt32

    /// - Parameter clockStep: how far apart two readings of the program's clock may be.
    init(idleTimeout: Duration, clockStep: Duration) {
        let idle = max(1, idleTimeout.nanoseconds)
        var shift = 20
        while idle >> shift >= 1 << 15 { shift += 1 }
        self.shift = UInt32(shift)
        self.idle = UInt32(max(1, idle >> shift))
        refresh = max(1, self.idle / 64)
        let tick = 1 << shift
        confirm = UInt32(max(1, (clockStep.nanoseconds + tick - 1) / tick) + 1)
        recent = Self.recent(shift: self.shift, idle: self.idle)
    }

    /// Those that a program goes by already.
    init(shift: UInt32, idle: UInt32, refresh: UInt32, confirm: UInt32) {
        self.shift = shift
        self.idle = idle
        self.refresh = refresh
        self.confirm = confirm
        recent = Self.recent(shift: shift, idle: idle)
    }

    /// Whether an entry's 16 bits can tell such times.
    var areSound: Bool { 20..<64 ~= shift && 1..<(1 << 15) ~= idle }

    private static func recent(shift: UInt32, idle: UInt32) -> UInt32 {
        min(idle, UInt32(5_000_000_000 >> shift))
    }

    /// The 16 bits for a time of the monotonic clock.
    func at(nanoseconds: UInt64) -> UInt16 {
        UInt16(truncatingIfNeeded: nanoseconds >> UInt64(shift))
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
