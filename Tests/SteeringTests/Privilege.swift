import Kernel

/// What tests ask of the process that runs them.
enum Privilege {
    /// Whether the eBPF program may be loaded.
    static var hasBPF: Bool {
        guard let capabilities = try? Capabilities.effective() else { return false }
        return capabilities.contains(.bpf) || capabilities.contains(.administerSystem)
    }
}
