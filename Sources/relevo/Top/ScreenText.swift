import Kernel

/// Text as a terminal shows it: how many columns it takes, and nothing in it that does anything.
enum ScreenText {
    /// More scalars than that for a column are no text: marks can be heaped up without end.
    private static let mostPerColumn = 4

    /// What may be shown of a text from outside, on one line.
    ///
    /// - Parameter isUTF8: whether the terminal shows more than ASCII.
    static func clean(_ text: String, isUTF8: Bool) -> String {
        StatusText.printable(text).unicodeScalars.reduce(into: "") { shown, scalar in
            if scalar.isASCII {
                shown.unicodeScalars.append(scalar)
            } else if !isUTF8 {
                if width(scalar) > 0 { shown += "?" }
            } else {
                switch scalar.properties.generalCategory {
                // What turns the writing's direction, or is not seen.
                case .format: break
                case .lineSeparator, .paragraphSeparator, .control, .surrogate, .privateUse,
                    .unassigned:
                    shown += "\u{fffd}"
                default: shown.unicodeScalars.append(scalar)
                }
            }
        }
    }

    /// Columns that a text takes.
    static func width(_ text: String) -> Int {
        text.unicodeScalars.reduce(0) { $0 + width($1) }
    }

    /// At most so many columns of a text; its last one says that there is more.
    static func cut(_ text: String, to columns: Int, isUTF8: Bool = true) -> String {
        guard width(text) > columns || text.unicodeScalars.count > columns * mostPerColumn else {
            return text
        }
        let mark = columns > 0 ? (isUTF8 ? "…" : "~") : ""
        var shown = ""
        var left = columns - width(mark)
        for scalar in text.unicodeScalars.prefix(max(columns, 0) * mostPerColumn) {
            left -= width(scalar)
            if left < 0 { break }
            shown.unicodeScalars.append(scalar)
        }
        return shown + mark
    }

    /// Exactly so many columns.
    static func fitted(
        _ text: String, to columns: Int, _ side: Table.Side = .left, isUTF8: Bool = true
    ) -> String {
        let text = cut(text, to: columns, isUTF8: isUTF8)
        let space = String(repeating: " ", count: max(columns - width(text), 0))
        return side == .left ? text + space : space + text
    }

    private static func width(_ scalar: Unicode.Scalar) -> Int {
        if scalar.isASCII { return scalar.value < 0x20 || scalar.value == 0x7f ? 0 : 1 }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format, .control: return 0
        default: break
        }
        // Vowels and last consonants of Hangul stand in the cell of the first one.
        if (0x1160...0x11ff).contains(scalar.value) { return 0 }
        if scalar.properties.isEmojiPresentation { return 2 }
        return wide.contains { $0.contains(scalar.value) } ? 2 : 1
    }

    /// East Asian Wide and Fullwidth (Unicode Standard Annex 11), in blocks.
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115f, 0x2e80...0x303e, 0x3041...0xa4cf, 0xa960...0xa97f, 0xac00...0xd7a3,
        0xf900...0xfaff, 0xfe10...0xfe19, 0xfe30...0xfe6f, 0xff00...0xff60, 0xffe0...0xffe6,
        0x16fe0...0x18dff, 0x1aff0...0x1b2ff, 0x1f200...0x1f2ff, 0x20000...0x3fffd,
    ]

    /// Whether the environment says that the terminal shows more than ASCII (locale(7)).
    static func isUTF8(_ variable: (String) -> String?) -> Bool {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap(variable).first { !$0.isEmpty }
        let set = (locale ?? "").lowercased().split(separator: ".").last.map(String.init) ?? ""
        let name = set.prefix { $0 != "@" }
        return name == "utf-8" || name == "utf8"
    }
}

/// One line of a screen.
struct ScreenLine: Equatable {
    private(set) var parts: [Part] = []

    struct Part: Equatable {
        let text: String
        let style: Style?
    }

    init(_ text: String = "", _ style: Style? = nil) { add(text, style) }

    mutating func add(_ text: String, _ style: Style? = nil) {
        if !text.isEmpty { parts.append(Part(text: text, style: style)) }
    }

    var text: String { parts.map(\.text).joined() }
    var width: Int { ScreenText.width(text) }

    /// What fits into so many columns.
    func cut(to columns: Int, isUTF8: Bool) -> ScreenLine {
        guard width > columns else { return self }
        var line = ScreenLine()
        var left = columns
        for part in parts where left > 0 {
            let isLast = part.text.isEmpty || ScreenText.width(part.text) > left
            let text = isLast ? ScreenText.cut(part.text, to: left, isUTF8: isUTF8) : part.text
            line.add(text, part.style)
            left -= ScreenText.width(text)
            if isLast { break }
        }
        return line
    }

    func shown(styled: Bool) -> String {
        parts.map { part in styled ? part.style?.applied(to: part.text) ?? part.text : part.text }
            .joined()
    }
}
