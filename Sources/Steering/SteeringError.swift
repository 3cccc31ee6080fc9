package import Kernel

/// Steering that cannot be had: one line that says what is missing and what to do.
package struct SteeringError: Error, Equatable, Sendable, CustomStringConvertible {
    package let description: String
    /// Whether more privilege would help.
    package let isPermission: Bool

    package init(_ description: String, isPermission: Bool = false) {
        self.description = description
        self.isPermission = isPermission
    }

    package init(_ error: KernelError) {
        self.init(error.description, isPermission: error.isPermissionDenied)
    }
}
