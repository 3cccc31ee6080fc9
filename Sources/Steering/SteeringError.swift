package import Kernel

/// Steering that cannot be had: one line that says what is missing and what to do.
package struct SteeringError: Error, Equatable, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }

    package init(_ error: KernelError) {
        self.description = error.description
    }
}
