/// Rows under headers, as wide as their contents.
struct Table {
    /// How a column's cells stand.
    enum Side { case left, right }

    private let headers: [(text: String, side: Side)]
    private var rows: [[String]] = []

    init(_ headers: (String, Side)...) { self.headers = headers.map { (text: $0, side: $1) } }

    mutating func add(_ row: String...) { rows.append(row) }

    var isEmpty: Bool { rows.isEmpty }

    /// - Parameter styled: whether the headers are bold.
    func lines(styled: Bool) -> [String] {
        let widths = headers.indices.map { column in
            rows.map { $0[column].count }.reduce(headers[column].text.count, max)
        }
        func line(_ cells: [String]) -> String {
            var text = ""
            for (column, cell) in cells.enumerated() {
                let space = String(repeating: " ", count: widths[column] - cell.count)
                if column > 0 { text += "  " }
                text += headers[column].side == .left ? cell + space : space + cell
            }
            while text.last == " " { text.removeLast() }
            return text
        }
        let top = line(headers.map(\.text))
        return [styled ? "\u{1b}[1m\(top)\u{1b}[0m" : top] + rows.map(line)
    }
}
