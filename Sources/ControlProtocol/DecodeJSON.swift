import FoundationEssentials

/// Reads one value; fields that nobody knows are let pass.
///
/// - Throws: where the text departs from what is wanted, in words for a log.
package func decodeJSON<Value: Decodable>(
    _ type: Value.Type, from bytes: [UInt8]
) throws(JSONFault) -> Value {
    do {
        return try JSONDecoder().decode(type, from: Data(bytes))
    } catch let error as DecodingError {
        throw JSONFault(error)
    } catch {
        throw JSONFault(description: "\(error)")
    }
}

/// Why a text is not the value that was wanted.
package struct JSONFault: Error, Equatable, CustomStringConvertible {
    package let description: String

    init(description: String) { self.description = description }

    init(_ error: DecodingError) {
        let context: DecodingError.Context
        switch error {
        case .typeMismatch(_, let found), .valueNotFound(_, let found), .dataCorrupted(let found):
            context = found
        case .keyNotFound(let key, let found):
            description = "\(Self.path(found.codingPath + [key])) is missing"
            return
        @unknown default:
            description = "\(error)"
            return
        }
        description = "\(Self.path(context.codingPath)): \(context.debugDescription)"
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        keys.map(\.stringValue).joined(separator: ".")
    }
}
