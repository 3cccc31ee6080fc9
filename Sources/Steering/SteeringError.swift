package import Kernel

/// Steering that cannot be had: one line that says what is missing and what to do.
package struct SteeringError: Error, Equatable, Sendable, CustomStringConvertible {
    package let description: String
    /// Whether more privilege would help.
    package let isPermission: Bool
    /// Who refused it, where that is known.
    package let refusal: RefusedCall?

    package init(
        _ description: String, isPermission: Bool = false, refusal: RefusedCall? = nil
    ) {
        self.description = description
        self.isPermission = isPermission
        self.refusal = refusal
    }

    package init(_ error: KernelError) {
        self.init(error.description, isPermission: error.isPermissionDenied)
    }
}
