/// Whole numbers, sizes and yes or no, as settings write them.
enum Number {
    /// ASCII digits only: no sign, no space, nothing beyond Int.
    static func digits(_ text: String) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return Int(text)
    }

    static func whole(_ text: String, in range: ClosedRange<Int>) throws(ValueError) -> Int {
        guard let value = digits(text), range.contains(value) else {
            throw ValueError(
                "'\(text)' is not a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    /// Bytes, or with a suffix K, M or G of 1024 each; a trailing B is let pass.
    static func size(_ text: String, in range: ClosedRange<Int>) throws(ValueError) -> Int {
        var word = text.uppercased()
        if word.hasSuffix("IB") {
            word.removeLast(2)
        } else if word.hasSuffix("B") {
            word.removeLast()
        }
        var unit = 1
        if let suffix = word.last, let known = units[suffix] {
            unit = known
            word.removeLast()
        }
        guard let count = digits(word) else {
            throw ValueError("'\(text)' is not a size; write 64K, 8M or 1G")
        }
        let (bytes, overflow) = count.multipliedReportingOverflow(by: unit)
        guard !overflow, range.contains(bytes) else {
            throw ValueError(
                "size '\(text)' is outside \(sizeText(range.lowerBound)) to "
                    + sizeText(range.upperBound))
        }
        return bytes
    }

    private static let units: [Character: Int] = ["K": 1 << 10, "M": 1 << 20, "G": 1 << 30]

    /// The shortest text that `size` reads back as the same number.
    static func sizeText(_ bytes: Int) -> String {
        for (suffix, unit) in [("G", 1 << 30), ("M", 1 << 20), ("K", 1 << 10)]
        where bytes >= unit && bytes % unit == 0 {
            return "\(bytes / unit)\(suffix)"
        }
        return "\(bytes)"
    }

    static func yesOrNo(_ text: String) throws(ValueError) -> Bool {
        switch text.lowercased() {
        case "yes", "true", "on", "1": return true
        case "no", "false", "off", "0": return false
        default: throw ValueError("'\(text)' is not yes or no")
        }
    }
}
