import Foundation

/// A page of the project: a Markdown file, its blocks of code apart from the text around them.
struct Page {
    /// A block of code.
    struct Block {
        /// `page:line`, of its first line.
        let place: String
        /// What stands behind the fence; empty for commands.
        let kind: String
        let lines: [String]
    }

    let name: String
    private(set) var blocks: [Block] = []
    /// The lines outside of blocks; inside of them empty ones, so that numbers are kept.
    private(set) var text: [String] = []

    /// Where the project is.
    static let root = String(#filePath.dropLast("/Tests/PagesTests/Page.swift".utf8.count))

    /// All pages, but for those that packages and builds brought along.
    static func all() throws -> [Page] {
        let folder = FileManager.default.enumerator(atPath: root)
        var names: [String] = []
        while let name = folder?.nextObject() as? String {
            let last = name.split(separator: "/").last ?? ""
            if last.hasPrefix(".") || last == "node_modules" { folder?.skipDescendants() }
            if name.hasSuffix(".md") { names.append(name) }
        }
        return try names.sorted().map {
            Page(name: $0, try String(contentsOfFile: "\(root)/\($0)", encoding: .utf8))
        }
    }

    init(name: String, _ content: String) {
        self.name = name
        var open: (kind: String, first: Int, lines: [String])?
        for (number, line) in content.split(separator: "\n", omittingEmptySubsequences: false)
            .map(String.init).enumerated()
        {
            let isFence = line.hasPrefix("```")
            text.append(isFence || open != nil ? "" : line)
            switch (isFence, open) {
            case (true, nil): open = (String(line.dropFirst(3)), number + 2, [])
            case (true, let block?):
                blocks.append(
                    Block(place: "\(name):\(block.first)", kind: block.kind, lines: block.lines))
                open = nil
            case (false, _?): open?.lines.append(line)
            case (false, nil): break
            }
        }
    }
}
