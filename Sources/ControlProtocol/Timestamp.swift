/// Wall-clock time as text, RFC 3339 in UTC with milliseconds.
package enum Timestamp {
    /// - Parameter sinceEpoch: since 1970-01-01 UTC, CLOCK_REALTIME.
    package static func text(_ sinceEpoch: Duration) -> String {
        let (whole, attoseconds) = sinceEpoch.components
        let seconds = max(whole, 0)
        let milliseconds = max(attoseconds, 0) / 1_000_000_000_000_000
        let (year, month, day) = date(ofDay: seconds / 86_400)
        let clock = seconds % 86_400
        return "\(pad(year, 4))-\(pad(month, 2))-\(pad(day, 2))T\(pad(clock / 3600, 2))"
            + ":\(pad(clock / 60 % 60, 2)):\(pad(clock % 60, 2)).\(pad(milliseconds, 3))Z"
    }

    /// Days since the epoch to a date of the Gregorian calendar, in eras of 400 years from March.
    private static func date(ofDay day: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = day + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * marchMonth + 2) / 5 + 1)
    }

    private static func pad(_ value: Int64, _ width: Int) -> String {
        let digits = "\(value)"
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}
