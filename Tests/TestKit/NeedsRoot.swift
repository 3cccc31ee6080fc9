import Kernel
package import Testing

extension Trait where Self == ConditionTrait {
    /// Skips where the test is not root: networks, steering programs and other users need it.
    package static var needsRoot: Self {
        .enabled(if: ProcessIdentity.effectiveUser == 0, "needs root, for networks and other users")
    }
}
