/// Why the supervisor cannot start, in one line.
package struct SupervisorError: Error, Equatable, CustomStringConvertible {
    package let description: String
    /// Whether more privilege would help.
    package let isPermission: Bool

    init(_ description: String, isPermission: Bool = false) {
        self.description = description
        self.isPermission = isPermission
    }
}
