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

    /// What `text` has written: since 1970, or nil where it is none.
    package static func read(_ text: String) -> Duration? {
        let bytes = Array(text.utf8)
        let marks: [(Int, String)] = [(4, "-"), (7, "-"), (10, "T"), (13, ":"), (16, ":")]
        guard bytes.count == 20 || bytes.count == 24, bytes.last == UInt8(ascii: "Z"),
            marks.allSatisfy({ [bytes[$0.0]] == Array($0.1.utf8) }),
            bytes.count == 20 || bytes[19] == UInt8(ascii: ".")
        else { return nil }
        func number(_ range: Range<Int>) -> Int64? {
            range.reduce(Int64?.some(0)) { sum, index in
                let digit = bytes[index]
                guard let sum, UInt8(ascii: "0")...UInt8(ascii: "9") ~= digit else { return nil }
                return sum * 10 + Int64(digit - UInt8(ascii: "0"))
            }
        }
        guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
            let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19),
            let milliseconds = bytes.count == 24 ? number(20..<23) : 0,
            year >= 1970, 1...12 ~= month, 1...31 ~= day, hour < 24, minute < 60, second <= 60
        else { return nil }
        let seconds = self.day(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second
        return .seconds(seconds) + .milliseconds(milliseconds)
    }

    /// Days since the epoch, counted from March as `date(ofDay:)` does.
    private static func day(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let (era, yearOfEra) = (shifted / 400, shifted % 400)
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
            - 719_468
    }

    private static func pad(_ value: Int64, _ width: Int) -> String {
        let digits = "\(value)"
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}
