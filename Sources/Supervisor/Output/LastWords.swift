/// What workers that never served have printed last: mostly why.
struct LastWords {
    private static let longest = 200

    private var text: String?
    private var areOfErrors = false

    mutating func heard(_ lines: [[UInt8]], ofErrors isOfErrors: Bool) {
        guard isOfErrors || !areOfErrors else { return }
        for line in lines {
            let words = String(decoding: line.prefix(Self.longest), as: UTF8.self)
            guard words.contains(where: { !$0.isWhitespace }) else { continue }
            text = words
            areOfErrors = isOfErrors
        }
    }

    /// A reason with them behind it.
    func after(_ reason: String) -> String { text.map { "\(reason): \($0)" } ?? reason }
}
