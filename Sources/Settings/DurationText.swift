extension Duration {
    private static let units: [(names: [String], nanoseconds: Int64)] = [
        (["w", "week", "weeks"], 604_800_000_000_000),
        (["d", "day", "days"], 86_400_000_000_000),
        (["h", "hr", "hour", "hours"], 3_600_000_000_000),
        (["min", "m", "minute", "minutes"], 60_000_000_000),
        (["s", "sec", "second", "seconds"], 1_000_000_000),
        (["ms", "msec"], 1_000_000),
        (["us", "usec"], 1000),
        (["ns", "nsec"], 1),
    ]

    /// Reads 250ms, 30s, 1.5h, "1min 30s"; a number alone is seconds, as in systemd.time(7).
    package static func parse(
        _ text: String, alsoInfinity: Bool = false
    ) throws(ValueError) -> Duration {
        if text == "infinity" {
            throw ValueError("infinity is not allowed here; write a time such as 30s or 1h")
        }
        guard let nanoseconds = nanoseconds(in: Array(text.utf8)) else {
            let infinity = alsoInfinity ? ", or infinity" : ""
            throw ValueError(
                "'\(text)' is not a duration; write 250ms, 30s, 5min, 1h or 1min 30s\(infinity)")
        }
        return .nanoseconds(nanoseconds)
    }

    /// The sum of all parts, or nil where a part is malformed or the sum too big.
    private static func nanoseconds(in text: [UInt8]) -> Int64? {
        var total: Int64 = 0
        var rest = text[...]
        var parts = 0
        while true {
            rest = rest.drop { $0 == 0x20 || $0 == 0x09 }
            if rest.isEmpty { return parts > 0 ? total : nil }
            let whole = rest.prefix { (48...57).contains($0) }
            rest = rest.dropFirst(whole.count)
            var fraction: ArraySlice<UInt8> = []
            if rest.first == UInt8(ascii: ".") {
                fraction = rest.dropFirst().prefix { (48...57).contains($0) }
                guard !fraction.isEmpty, fraction.count <= 9 else { return nil }
                rest = rest.dropFirst(1 + fraction.count)
            }
            rest = rest.drop { $0 == 0x20 || $0 == 0x09 }
            let unit = rest.prefix { (97...122).contains($0) }
            rest = rest.dropFirst(unit.count)
            guard let scale = scale(of: unit, alone: parts == 0 && rest.isEmpty),
                let part = value(whole: whole, fraction: fraction, scale: scale)
            else { return nil }
            let (sum, overflow) = total.addingReportingOverflow(part)
            if overflow { return nil }
            total = sum
            parts += 1
        }
    }

    private static func scale(of unit: ArraySlice<UInt8>, alone: Bool) -> Int64? {
        if unit.isEmpty { return alone ? 1_000_000_000 : nil }
        return units.first { $0.names.contains { $0.utf8.elementsEqual(unit) } }?.nanoseconds
    }

    private static func value(
        whole: ArraySlice<UInt8>, fraction: ArraySlice<UInt8>, scale: Int64
    ) -> Int64? {
        guard !whole.isEmpty, let count = Int64(String(decoding: whole, as: UTF8.self)) else {
            return nil
        }
        let (nanoseconds, overflow) = count.multipliedReportingOverflow(by: scale)
        if overflow { return nil }
        // Nine digits of a week do not fit 64 bits on the way.
        var share: Int128 = 0
        var tens: Int128 = 1
        for digit in fraction {
            share = share * 10 + Int128(digit - 48)
            tens *= 10
        }
        let extra = Int64(share * Int128(scale) / tens)
        let (sum, tooBig) = nanoseconds.addingReportingOverflow(extra)
        return tooBig ? nil : sum
    }

    /// The text that `parse` reads back as the same duration, to the nanosecond.
    package var settingsText: String {
        let (seconds, attoseconds) = components
        var parts: [String] = []
        var left = seconds
        for (unit, size) in [("h", Int64(3600)), ("min", 60), ("s", 1)] where left >= size {
            parts.append("\(left / size)\(unit)")
            left %= size
        }
        var nanoseconds = attoseconds / 1_000_000_000
        for (unit, size) in [("ms", Int64(1_000_000)), ("us", 1000), ("ns", 1)]
        where nanoseconds >= size {
            parts.append("\(nanoseconds / size)\(unit)")
            nanoseconds %= size
        }
        return parts.isEmpty ? "0" : parts.joined(separator: " ")
    }
}
