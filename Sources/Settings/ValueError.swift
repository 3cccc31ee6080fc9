/// Why one value was refused and what to write instead, without the place it stands at.
package struct ValueError: Error, Equatable, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }

    static func unknownWord(
        _ word: String, what: String, of known: [String]
    ) -> ValueError {
        let list = known.joined(separator: ", ")
        guard !word.isEmpty else { return ValueError("\(what) is missing; use one of \(list)") }
        if let near = Nearest.of(word, among: known) {
            return ValueError("'\(word)' is not \(what); did you mean '\(near)'? (\(list))")
        }
        return ValueError("'\(word)' is not \(what); use one of \(list)")
    }
}

extension RawRepresentable<String> where Self: CaseIterable {
    /// The one that a word of the settings stands for.
    ///
    /// - Parameter what: what such a word is, for the error.
    static func named(_ word: String, _ what: String) throws(ValueError) -> Self {
        if let one = Self(rawValue: word) { return one }
        throw ValueError.unknownWord(word, what: what, of: allCases.map(\.rawValue))
    }
}
