/// The paths of all keys in a JSON text, those of an array's elements under the array's own.
struct JSONKeys: Decodable {
    private struct Name: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    let paths: Set<String>

    init(from decoder: any Decoder) throws {
        var paths: Set<String> = []
        if let object = try? decoder.container(keyedBy: Name.self) {
            for key in object.allKeys {
                paths.insert(key.stringValue)
                if try object.decodeNil(forKey: key) { continue }
                let inner = try object.decode(JSONKeys.self, forKey: key)
                paths.formUnion(inner.paths.map { "\(key.stringValue).\($0)" })
            }
        } else if var array = try? decoder.unkeyedContainer() {
            while !array.isAtEnd { paths.formUnion(try array.decode(JSONKeys.self).paths) }
        }
        self.paths = paths
    }
}
