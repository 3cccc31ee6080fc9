/// The parser wraps all of a command's help but the line with its usage.
enum UsageText {
    private static let title = "USAGE: "

    /// The help with that line in pieces, each as long as fits.
    static func wrapped(_ help: String, width: Int) -> String {
        help.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            line.hasPrefix(title) && line.count > width
                ? pieces(line, width).joined(separator: "\n") : String(line)
        }.joined(separator: "\n")
    }

    private static func pieces(_ line: Substring, _ width: Int) -> [String] {
        let indent = String(repeating: " ", count: title.count + 2)
        var lines: [String] = []
        var current = ""
        for part in parts(of: line) {
            if current.isEmpty {
                current = part
            } else if current.count + 1 + part.count <= width {
                current += " " + part
            } else {
                lines.append(current)
                current = indent + part
            }
        }
        return lines + [current]
    }

    /// Words, but what stands in brackets stays together, and an option with its value.
    private static func parts(of line: Substring) -> [String] {
        var parts: [String] = []
        var depth = 0
        for word in line.split(separator: " ") {
            let isValue = word.hasPrefix("<") && parts.last?.hasPrefix("--") == true
            if depth > 0 || isValue, let last = parts.popLast() {
                parts.append("\(last) \(word)")
            } else {
                parts.append(String(word))
            }
            depth += word.reduce(0) { $0 + ($1 == "[" ? 1 : $1 == "]" ? -1 : 0) }
        }
        return parts
    }
}
