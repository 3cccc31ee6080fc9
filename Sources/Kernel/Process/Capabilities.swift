import CKernel

/// Capabilities of this process in effect (capabilities(7)).
package struct Capabilities: Hashable, Sendable {
    /// The ones that something here depends on, numbered as the kernel does.
    package enum Capability: Int, Sendable {
        case killOthers = 5
        case setGroup = 6
        case setUser = 7
        case bindLowPorts = 10
        case trace = 19
        case administerSystem = 21
        case bpf = 39
    }

    private let bits: UInt64

    /// What this process has now.
    package static func effective() throws(KernelError) -> Capabilities {
        var bits: UInt64 = 0
        try check("capget") { unsafe relevo_effective_capabilities(&bits) }
        return Capabilities(bits: bits)
    }

    /// Whether one is in effect; before Linux 5.8 CAP_SYS_ADMIN stood for CAP_BPF.
    package func contains(_ capability: Capability) -> Bool {
        bits & (1 << UInt64(capability.rawValue)) != 0
    }
}

extension Capabilities {
    /// Gives up all capabilities of the calling thread but these, for good; a process that does so
    /// before it starts threads has given up its own.
    package static func keepInThread(_ kept: [Capability]) throws(KernelError) {
        let bits = kept.reduce(UInt64(0)) { $0 | 1 << UInt64($1.rawValue) }
        try check("capset") { relevo_keep_capabilities(bits) }
    }
}
