import Kernel

/// What tests ask of the process that runs them.
enum Privilege {
    /// Whether the eBPF program may be loaded.
    static var hasBPF: Bool {
        guard let capabilities = try? Capabilities.effective() else { return false }
        return capabilities.contains(.bpf) || capabilities.contains(.administerSystem)
    }

    /// Whether packets may be sent with other sources than this machine's (CAP_NET_RAW).
    static var sendsPackets: Bool { (try? PacketSender(isIPv6: false)) != nil }
}
