/// Rows under headers in so many columns: those that matter least are left out first.
struct TopGrid {
    /// One column.
    struct Column {
        let header: String
        let side: Table.Side
        /// Left out the earlier the higher; 0 never.
        var rank = 0
        /// Of its cells, so that columns do not come and go with the figures in them.
        var least = 0
        /// Whether it gives room before others are left out: all but so many columns.
        var keeps: Int?
    }

    /// One cell.
    struct Cell {
        let text: String
        var style: Style?

        init(_ text: String, _ style: Style? = nil) {
            self.text = text
            self.style = style
        }
    }

    private let columns: [Column]
    private var rows: [(cells: [Cell], isMarked: Bool)] = []

    init(_ columns: [Column]) { self.columns = columns }

    /// - Parameter cells: one for each column, of clean text.
    mutating func add(_ cells: [Cell], isMarked: Bool = false) { rows.append((cells, isMarked)) }

    /// - Parameters:
    ///   - width: of the screen; nil where nothing is to be cut.
    ///   - marks: whether there is room for a mark before each row.
    func lines(width: Int?, marks: Bool = false, isUTF8: Bool) -> [ScreenLine] {
        var shown = Array(columns.indices)
        var widths = columns.indices.map { column in
            rows.map { ScreenText.width($0.cells[column].text) }
                .reduce(max(columns[column].header.count, columns[column].least), max)
        }
        func excess() -> Int {
            guard let width else { return 0 }
            let gaps = 2 * (shown.count - 1) + (marks ? 2 : 0)
            return shown.reduce(gaps) { $0 + widths[$1] } - width
        }
        /// How much those may give that do.
        func room() -> Int {
            shown.reduce(0) { $0 + max(widths[$1] - (columns[$1].keeps ?? widths[$1]), 0) }
        }
        let ranks = Set(columns.map(\.rank)).subtracting([0]).sorted(by: >)
        for rank in ranks where excess() > room() {
            shown.removeAll { columns[$0].rank == rank }
        }
        for column in shown.reversed() where excess() > 0 {
            guard let least = columns[column].keeps, widths[column] > least else { continue }
            widths[column] = max(widths[column] - excess(), least)
        }
        func line(_ cells: [Cell], _ mark: String, _ style: Style?) -> ScreenLine {
            var line = ScreenLine(marks ? mark : "", style)
            for column in shown {
                let cell = cells[column]
                if column != shown.first { line.add("  ", style) }
                let isLast = column == shown.last && columns[column].side == .left
                let text = ScreenText.cut(cell.text, to: widths[column], isUTF8: isUTF8)
                line.add(
                    isLast
                        ? text
                        : ScreenText.fitted(
                            text, to: widths[column], columns[column].side, isUTF8: isUTF8),
                    cell.style ?? style)
            }
            return width.map { line.cut(to: $0, isUTF8: isUTF8) } ?? line
        }
        return [line(columns.map { Cell($0.header) }, "  ", .bold)]
            + rows.map { line($0.cells, $0.isMarked ? "> " : "  ", $0.isMarked ? .bold : nil) }
    }
}
