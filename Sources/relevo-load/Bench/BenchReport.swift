import ArgumentParser

/// The figures of one benchmark.
struct BenchReport {
    let title: String
    var bars: [Bar] = []

    init(_ title: String) { self.title = title }

    var isGood: Bool { bars.allSatisfy(\.isMet) }

    /// The table for people.
    var text: String {
        let widths = (
            name: bars.map(\.name.count).max() ?? 0, text: bars.map(\.text.count).max() ?? 0
        )
        let lines = bars.map { bar in
            let verdict = bar.demand.isEmpty ? "" : bar.isMet ? "ok" : "MISSED"
            let demand = bar.demand.isEmpty ? "" : "bar: \(bar.demand)"
            let left = Self.pad(bar.name, to: widths.name) + "  "
            let value = Self.pad(bar.text, to: widths.text, atEnd: false)
            return "  \(left)\(value)  \(Self.pad(verdict, to: 6))  \(demand)"
        }
        return ([title] + lines.map(Self.trimmed)).joined(separator: "\n")
    }

    /// The figures for programs.
    var json: JSONText {
        .object([
            ("bench", .text(title)), ("ok", .flag(isGood)),
            (
                "figures",
                .list(
                    bars.map { bar in
                        .object([
                            ("name", .text(bar.name)), ("value", bar.value),
                            ("bar", .text(bar.demand)), ("ok", .flag(bar.isMet)),
                        ])
                    })
            ),
        ])
    }

    /// Prints it; exit code 1 if a bar was missed.
    func conclude(json wantsJSON: Bool) throws {
        Terminal.say(wantsJSON ? "\(json)" : text)
        if !isGood { throw ExitCode(1) }
    }

    private static func pad(_ text: String, to width: Int, atEnd: Bool = true) -> String {
        let blanks = String(repeating: " ", count: max(0, width - text.count))
        return atEnd ? text + blanks : blanks + text
    }

    private static func trimmed(_ line: String) -> String {
        var kept = line[...]
        while kept.last == " " { kept.removeLast() }
        return String(kept)
    }
}
