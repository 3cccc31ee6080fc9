/// The number of a generation, from 1, never used twice by one service.
package struct GenerationID: Hashable, Comparable, Codable, Sendable, CustomStringConvertible {
    package let number: Int

    package init(_ number: Int) {
        self.number = number
    }

    package static func < (left: GenerationID, right: GenerationID) -> Bool {
        left.number < right.number
    }

    package var description: String { "\(number)" }

    package init(from decoder: any Decoder) throws {
        number = try decoder.singleValueContainer().decode(Int.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(number)
    }
}
