/// Why the supervisor cannot start, in one line.
package struct SupervisorError: Error, Equatable, CustomStringConvertible {
    package let description: String
    /// Whether more privilege would help.
    package let isPermission: Bool
    /// Whether another start with the same settings cannot help.
    package let isBadSetting: Bool

    init(_ description: String, isPermission: Bool = false, isBadSetting: Bool = false) {
        self.description = description
        self.isPermission = isPermission
        self.isBadSetting = isBadSetting
    }
}
