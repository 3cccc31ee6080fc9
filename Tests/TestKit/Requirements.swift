import Kernel
package import Testing

extension Trait where Self == ConditionTrait {
    /// Skips where no network can be made for a test.
    package static var needsOwnNetwork: Self {
        .enabled(if: has(.administerSystem), "needs CAP_SYS_ADMIN for a network of its own")
    }

    /// Skips where the steering program cannot be loaded.
    package static var needsFlowSteering: Self {
        .enabled(if: has(.bpf) || has(.administerSystem), "needs CAP_BPF for flow steering")
    }

    private static func has(_ capability: Capabilities.Capability) -> Bool {
        (try? Capabilities.effective())?.contains(capability) ?? false
    }
}
