/// Sessions over time, a column for each look: those of the new generation above, those of the old ones below,
/// both in one scale.
struct TopPlot {
    private static let blocks = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]
    /// Without any but ASCII.
    private static let marks = [" ", ".", ":", "|", "#"]

    private let shown: ArraySlice<TopService.Sample>
    private let margin: Int
    private let isUTF8: Bool
    /// What the full height stands for.
    let most: Int

    /// - Parameter width: of the screen.
    init(_ samples: [TopService.Sample], width: Int, isUTF8: Bool) {
        func most(_ some: some Sequence<TopService.Sample>) -> Int {
            some.reduce(1) { max($0, $1.old, $1.new) }
        }
        self.isUTF8 = isUTF8
        margin = max(TopText.count(most(samples)).count, 3) + 2
        shown = samples.suffix(max(width - margin, 0))
        self.most = most(shown)
    }

    /// - Parameter height: of each of the two parts.
    func lines(height: Int) -> [ScreenLine] {
        guard height > 0, !shown.isEmpty else { return [] }
        return part("new", shown.map(\.new), height, .green)
            + part("old", shown.map(\.old), height, .yellow)
    }

    private func part(
        _ name: String, _ values: [Int], _ height: Int, _ style: Style
    ) -> [ScreenLine] {
        let marks = isUTF8 ? Self.blocks : Self.marks
        let steps = marks.count - 1
        let levels = values.map { level($0, height * steps) }
        return (0..<height).map { row in
            let label =
                row == 0 ? name : (row == 1 ? TopText.count(values.last ?? 0) : "")
            var line = ScreenLine(ScreenText.fitted(label, to: margin - 1, .right) + " ")
            let below = (height - 1 - row) * steps
            line.add(levels.map { marks[min(max($0 - below, 0), steps)] }.joined(), style)
            return line
        }
    }

    /// Where there is any session the least mark is seen.
    private func level(_ value: Int, _ levels: Int) -> Int {
        guard value > 0 else { return 0 }
        return max(Int((Double(value) / Double(most) * Double(levels)).rounded()), 1)
    }
}

/// Figures in few columns.
enum TopText {
    /// 999, 12.3k, 4.5M.
    static func count(_ value: Int) -> String { short(Double(value), whole: true) }

    /// 0.4, 12, 3.1k a second.
    static func rate(_ value: Double?) -> String { value.map { short($0, whole: false) } ?? "-" }

    private static func short(_ value: Double, whole: Bool) -> String {
        guard value.isFinite, value >= 0 else { return "?" }
        if value < 9.95, !whole { return value == 0 ? "0" : TimeText.fixed(value, 1) }
        if value < 9999.5 { return TimeText.fixed(value, 0) }
        let units = ["k", "M", "G", "T", "P", "E"]
        var (value, unit) = (value / 1000, 0)
        while value >= 999.5, unit < units.count - 1 { (value, unit) = (value / 1000, unit + 1) }
        return TimeText.fixed(value, value < 99.95 ? 1 : 0) + units[unit]
    }

    static func share(_ share: Double?) -> String {
        share.map { "\(TimeText.fixed($0 * 100, $0 < 0.0995 ? 1 : 0))%" } ?? "-"
    }

    /// 512K, 12M, 1.5G.
    static func bytes(_ bytes: Int?) -> String {
        guard let bytes, bytes >= 0 else { return "-" }
        let units = ["K", "M", "G", "T", "P"]
        var (value, unit) = (Double(bytes) / 1024, 0)
        while value >= 1023.5, unit < units.count - 1 { (value, unit) = (value / 1024, unit + 1) }
        return TimeText.fixed(value, value < 9.95 ? 1 : 0) + units[unit]
    }
}
