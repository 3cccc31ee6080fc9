/// A packet that is none of this format, with why.
struct PacketError: Error, Equatable, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
