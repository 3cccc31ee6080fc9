/// One line of a benchmark's table: what was measured, and what it must be.
struct Bar {
    let name: String
    let value: JSONText
    /// The value for people.
    let text: String
    /// What is demanded, empty for a figure that is only told.
    let demand: String
    let isMet: Bool

    /// A figure that is only told.
    static func figure(_ name: String, _ text: String, _ value: JSONText) -> Bar {
        Bar(name: name, value: value, text: text, demand: "", isMet: true)
    }

    /// A count that must be exactly so.
    static func exactly(_ wanted: UInt64, _ name: String, _ value: UInt64) -> Bar {
        Bar(
            name: name, value: .count(value), text: "\(value)", demand: "\(wanted)",
            isMet: value == wanted)
    }

    /// A time that must be shorter.
    static func under(_ limit: Duration, _ name: String, _ value: Duration) -> Bar {
        Bar(
            name: name, value: .number(value.seconds), text: value.short,
            demand: "under \(limit.short)", isMet: value < limit)
    }

    /// A number of bytes that must not be exceeded.
    static func atMost(bytes limit: UInt64, _ name: String, _ value: UInt64) -> Bar {
        Bar(
            name: name, value: .count(value), text: mebibytes(value),
            demand: "at most \(mebibytes(limit))", isMet: value <= limit)
    }

    private static func mebibytes(_ bytes: UInt64) -> String {
        "\((Double(bytes) / 1_048_576).digits) MiB"
    }
}
