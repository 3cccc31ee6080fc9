/// Rows under headers, as wide as their contents, and no wider than the terminal.
struct Table {
    /// How a column's cells stand.
    enum Side { case left, right }

    /// The least that is left of a cell that is cut.
    private static let leastWidth = 8
    private static let gap = 2

    private let headers: [(text: String, side: Side)]
    private var rows: [[String]] = []
    /// Columns that are left out for want of room while all their cells say nothing: the last one first.
    var dispensable: [String] = []
    /// Columns that are left out whatever they say where room is still wanting: the last one first.
    var lesser: [String] = []
    /// The colour of a cell, by its column and text; nil for none.
    var colour: (_ header: String, _ cell: String) -> Style? = { _, _ in nil }

    init(_ headers: (String, Side)...) { self.headers = headers.map { (text: $0, side: $1) } }

    mutating func add(_ row: String...) { rows.append(row) }

    var isEmpty: Bool { rows.isEmpty }

    /// - Parameters:
    ///   - styled: whether the headers are bold and the cells have their colours.
    ///   - width: of the terminal; nil where nothing is to be cut.
    func lines(styled: Bool, width: Int? = nil) -> [String] {
        var columns = Array(headers.indices)
        var widths = headers.indices.map { column in
            rows.map { $0[column].count }.reduce(headers[column].text.count, max)
        }
        func excess() -> Int {
            let total = columns.reduce(Self.gap * (columns.count - 1)) { $0 + widths[$1] }
            return width.map { total - $0 } ?? 0
        }
        for header in dispensable.reversed() where excess() > 0 {
            columns.removeAll { column in
                headers[column].text == header
                    && rows.allSatisfy { ["0", "-", ""].contains($0[column]) }
            }
        }
        for header in lesser.reversed() where excess() > 0 && widest(columns, widths) {
            columns.removeAll { headers[$0].text == header }
        }
        if excess() > 0, let last = columns.last, headers[last].side == .left {
            widths[last] = max(widths[last] - excess(), Self.leastWidth)
        }
        /// Whether even the last column cut as short as it may be does not help.
        func widest(_ columns: [Int], _ widths: [Int]) -> Bool {
            guard let last = columns.last, headers[last].side == .left else { return true }
            return widths[last] - excess() < Self.leastWidth
        }
        func line(_ cells: [String], _ style: (Int) -> Style?) -> String {
            var text = ""
            for column in columns {
                let cell = cut(cells[column], to: widths[column])
                let space = String(repeating: " ", count: widths[column] - cell.count)
                if column != columns.first { text += String(repeating: " ", count: Self.gap) }
                let shown = styled ? style(column)?.applied(to: cell) ?? cell : cell
                let isLast = column == columns.last
                text +=
                    headers[column].side == .left ? shown + (isLast ? "" : space) : space + shown
            }
            while text.last == " " { text.removeLast() }
            return text
        }
        let top = line(headers.map(\.text)) { _ in nil }
        return [styled ? Style.bold.applied(to: top) : top]
            + rows.map { row in line(row) { colour(headers[$0].text, row[$0]) } }
    }

    private func cut(_ cell: String, to width: Int) -> String {
        cell.count > width ? cell.prefix(width - 1) + "…" : cell
    }
}

/// How text stands out on a terminal.
enum Style: String {
    case bold = "1"
    case red = "31"
    case green = "32"
    case yellow = "33"

    func applied(to text: String) -> String { "\u{1b}[\(rawValue)m\(text)\u{1b}[0m" }
}
