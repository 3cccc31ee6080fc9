/// A name out of a set that later versions may extend; a peer takes the unknown as it comes.
package protocol OpenName: RawRepresentable, Hashable, Codable, Sendable, CustomStringConvertible
where RawValue == String {
    init(rawValue: String)
}

extension OpenName {
    package var description: String { rawValue }
}
