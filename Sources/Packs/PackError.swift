/// What is wrong with a description and what to write instead, without the place it stands at.
package struct PackError: Error, Equatable, Sendable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}
