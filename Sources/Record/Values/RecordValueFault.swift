/// Why a value cannot be written, or bytes are not the value that was wanted.
package struct RecordValueFault: Error, Equatable, Sendable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }

    init(_ error: any Error) {
        switch error {
        case let fault as RecordValueFault: self = fault
        case DecodingError.typeMismatch(_, let context),
            DecodingError.valueNotFound(_, let context),
            DecodingError.dataCorrupted(let context):
            self.init("\(Self.path(context.codingPath)): \(context.debugDescription)")
        case DecodingError.keyNotFound(let key, let context):
            self.init("\(Self.path(context.codingPath + [key])) is missing")
        case EncodingError.invalidValue(_, let context):
            self.init(context.debugDescription)
        default: self.init("\(error)")
        }
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        keys.isEmpty ? "the value" : keys.map(\.stringValue).joined(separator: ".")
    }
}
