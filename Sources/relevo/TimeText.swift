/// Times and numbers for people.
enum TimeText {
    /// `14 µs`, `41 ms`, `1.5 s`, `5 min 3 s`, `2 h 5 min`.
    static func short(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds >= 0, seconds < 1e12 else { return "?" }
        if seconds < 0.0009995 { return "\(Int((seconds * 1_000_000).rounded())) µs" }
        if seconds < 0.9995 {
            let milliseconds = seconds * 1000
            return milliseconds < 9.95
                ? "\(fixed(milliseconds, 1)) ms" : "\(Int(milliseconds.rounded())) ms"
        }
        if seconds < 59.95 { return "\(fixed(seconds, 1)) s" }
        let whole = Int(seconds.rounded())
        if whole < 3600 { return "\(whole / 60) min" + rest(whole % 60, "s") }
        return "\(whole / 3600) h" + rest(whole % 3600 / 60, "min")
    }

    /// `34 s`, `12 min`, `5 h`, `3 d`.
    static func coarse(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds >= 0, seconds < 1e12 else { return "?" }
        let whole = Int(seconds)
        if whole < 120 { return "\(whole) s" }
        if whole < 2 * 3600 { return "\(whole / 60) min" }
        return whole < 48 * 3600 ? "\(whole / 3600) h" : "\(whole / 86_400) d"
    }

    private static func rest(_ value: Int, _ unit: String) -> String {
        value == 0 ? "" : " \(value) \(unit)"
    }

    /// With exactly so many digits behind the point.
    static func fixed(_ value: Double, _ digits: Int) -> String {
        var scale = 1
        for _ in 0..<digits { scale *= 10 }
        let scaled = (abs(value) * Double(scale)).rounded()
        guard scaled < 1e15 else { return "?" }
        let whole = Int(scaled)
        let sign = value < 0 && whole > 0 ? "-" : ""
        guard digits > 0 else { return "\(sign)\(whole)" }
        let fraction = String(whole % scale)
        let zeros = String(repeating: "0", count: digits - fraction.utf8.count)
        return "\(sign)\(whole / scale).\(zeros)\(fraction)"
    }
}
