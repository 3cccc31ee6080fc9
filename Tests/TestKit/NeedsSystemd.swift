package import Testing

extension Trait where Self == ConditionTrait {
    /// Skips where no systemd can be run in namespaces.
    package static var needsSystemd: Self {
        .enabled(if: SystemdMachine.hindrance == nil, "needs a systemd: \(reason)")
    }

    private static var reason: String { SystemdMachine.hindrance ?? "there is one" }
}
