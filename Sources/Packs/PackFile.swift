/// Reads a description from text: the keys of a listener, a line each, and comments behind `#`.
struct PackFile {
    let name: String
    private var order: Pack.Order?
    private var rules: [PackRule] = []
    private var prefix: Int?

    /// A mistake, with the place that it stands at.
    struct Mistake: Error, Equatable, CustomStringConvertible {
        let description: String
    }

    private init(name: String) { self.name = name }

    static func read(_ text: String, name: String) throws(Mistake) -> Pack {
        var file = PackFile(name: name)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        for (at, line) in lines.enumerated() where !line.isEmpty && line.first != "#" {
            do throws(PackError) {
                try file.take(String(line))
            } catch {
                throw Mistake(description: "\(name):\(at + 1): \(error)")
            }
        }
        guard let order = file.order, !file.rules.isEmpty else {
            throw Mistake(description: "\(name):1: SessionOrder= or SessionRule= is missing")
        }
        return Pack(order: order, rules: file.rules, prefix: file.prefix)
    }

    private mutating func take(_ line: String) throws(PackError) {
        guard let equals = line.firstIndex(of: "=") else {
            throw PackError("'\(line)' is not Key=value")
        }
        let value = String(line[line.index(after: equals)...])
        switch line[..<equals] {
        case "SessionOrder": order = try Pack.Order(parsing: value)
        case "SessionRule": rules = try rules.adding(value)
        case "SessionPrefix": prefix = try Pack.prefix(value)
        default: throw PackError("'\(line[..<equals])=' is no key of a description")
        }
    }
}

extension Pack.Order {
    package init(parsing text: String) throws(PackError) {
        guard let order = Self(rawValue: text) else {
            throw PackError("'\(text)' is not what counts first: id or tuple")
        }
        self = order
    }
}

extension Pack {
    package static func prefix(_ text: String) throws(PackError) -> Int {
        try PackRule.number(text, "the bytes that count", in: 1...longestID)
    }
}

extension [PackRule] {
    /// These rules and one more.
    package func adding(_ text: String) throws(PackError) -> [PackRule] {
        guard count < Pack.mostRules else {
            throw PackError("there are at most \(Pack.mostRules) rules")
        }
        return self + [try PackRule(parsing: text)]
    }
}
