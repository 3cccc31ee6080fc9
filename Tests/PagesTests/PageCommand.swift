/// A command that a page shows.
struct PageCommand: Sendable {
    /// `page:line`
    let place: String
    let words: [String]
    /// In the text, where the rest of it may be left out.
    let isMention: Bool

    var program: String { words.first ?? "" }
    var arguments: [String] { Array(words.dropFirst()) }
    var text: String { words.joined(separator: " ") }

    /// All commands of the pages, each once: those of blocks, and those of `relevo` that stand in the text.
    static func all(_ pages: [Page]) -> [PageCommand] {
        var known: Set<[String]> = []
        return (pages.flatMap(ofBlocks) + pages.flatMap(inText)).filter {
            known.insert($0.words).inserted
        }
    }

    /// Those of a shell, one a line; other blocks say what they are.
    private static func ofBlocks(_ page: Page) -> [PageCommand] {
        page.blocks.filter { ["", "sh"].contains($0.kind) }.flatMap { block in
            let text = block.lines.joined(separator: "\n").replacing("\\\n", with: " ")
            return text.split(separator: "\n").flatMap { line in
                commands(of: String(line)).map {
                    PageCommand(place: block.place, words: $0, isMention: false)
                }
            }
        }
    }

    /// `relevo status` and its kin, which may go on in the next line. What stands for something else is put in.
    private static func inText(_ page: Page) -> [PageCommand] {
        let ends = page.text.dropFirst() + [""]
        return zip(page.text, ends).enumerated().flatMap { number, lines in
            mentions(in: lines.0, lines.1).flatMap { commands(of: $0) }.map { words in
                PageCommand(
                    place: "\(page.name):\(number + 1)", words: words.map { examples[$0] ?? $0 },
                    isMention: true)
            }
        }
    }

    /// What stands in code in a line and begins with the name of a program.
    private static func mentions(in line: String, _ next: String) -> [String] {
        var parts = line.split(separator: "`", omittingEmptySubsequences: false).map(String.init)
        if parts.count.isMultiple(of: 2) {
            parts[parts.count - 1] += " " + next.prefix { $0 != "`" }
        }
        return parts.indices.filter { !$0.isMultiple(of: 2) }.map { parts[$0] }
            .filter { $0.hasPrefix("relevo ") || $0.hasPrefix("relevo-load ") }
            .map {
                // Of `ready|drained` one, and nothing for what may be anything.
                $0.replacing(#/\|\S+/#, with: "").replacing("…", with: " ")
            }
    }

    /// What the pages write for a number.
    private static let examples = ["N": "1", "M": "1", "PID": "1234", "[N]": "1"]

    /// The commands of a line, as a shell reads them; comments are left out.
    static func commands(of line: String) -> [[String]] {
        var found: [[String]] = [[]]
        var word: String?
        var quote: Character?
        func endWord() {
            if let ended = word { found[found.count - 1].append(ended) }
            word = nil
        }
        // What another command prints is a number here.
        for letter in line.replacing(#/\$\([^)]*\)/#, with: "1234") {
            switch (letter, quote) {
            case (let end, let open?) where end == open: quote = nil
            case (_, _?): word = (word ?? "") + String(letter)
            case ("'", nil), ("\"", nil): (quote, word) = (letter, word ?? "")
            case ("#", nil) where word == nil: return found.filter { !$0.isEmpty }
            case (" ", nil): endWord()
            case ("|", nil), (";", nil), ("&", nil):
                endWord()
                if found.last?.isEmpty == false { found.append([]) }
            default: word = (word ?? "") + String(letter)
            }
        }
        endWord()
        return found.filter { !$0.isEmpty }
    }
}
