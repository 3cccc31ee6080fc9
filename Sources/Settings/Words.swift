/// Splits a value into words and joins them again, by the quoting rules of systemd.syntax(7).
///
/// Whitespace separates; '...' and "..." hold words together wherever they stand; backslash
/// escapes as in C, and `\s` is a space. Nothing is expanded: `$` and `%` stand for themselves.
package enum Words {
    package static func split(_ text: String) throws(ValueError) -> [String] {
        var splitter = WordSplitter(text)
        return try splitter.words()
    }

    package static func join(_ words: [String]) -> String {
        words.map(quoted).joined(separator: " ")
    }

    private static let bare = Set(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=,+@%^*?()[]{}<>|&!~$#"
            .utf8)

    private static func quoted(_ word: String) -> String {
        if !word.isEmpty, word.utf8.allSatisfy(bare.contains) { return word }
        var result = "\""
        for scalar in word.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case "\r": result += "\\r"
            case _ where scalar.value < 0x20 || scalar.value == 0x7f:
                let digits = String(scalar.value, radix: 16)
                result += "\\x" + (digits.count < 2 ? "0" : "") + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
