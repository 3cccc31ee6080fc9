import Kernel

/// Why bpf(2) says EPERM: who refuses it decides what helps.
package enum RefusedCall: Equatable, Sendable {
    case noCapability
    /// CAP_BPF is there, and a seccomp filter is in force.
    case seccomp
    /// CAP_BPF is that of a user namespace, which is not the kernel's.
    case userNamespace
    /// CAP_BPF is there: a security module, or the kernel's lockdown.
    case policy

    package init(hasCapability: Bool, isFiltered: Bool, isInUserNamespace: Bool) {
        self =
            if !hasCapability {
                .noCapability
            } else if isInUserNamespace {
                .userNamespace
            } else {
                isFiltered ? .seccomp : .policy
            }
    }

    /// As it is for this process now.
    package static var here: RefusedCall {
        let capabilities = try? Capabilities.effective()
        let may = [.bpf, .administerSystem].contains { capabilities?.contains($0) ?? false }
        let status = (try? ProcessView.text("status", of: ProcessView.own)) ?? []
        let map = (try? ProcessView.text("uid_map", of: ProcessView.own)) ?? []
        return RefusedCall(
            hasCapability: may,
            isFiltered: status.split(separator: UInt8(ascii: "\n")).contains {
                $0.elementsEqual("Seccomp:\t2".utf8)
            },
            isInUserNamespace: map.split(whereSeparator: { $0 == 0x20 || $0 == 0x0a })
                .last.map { !$0.elementsEqual("4294967295".utf8) } ?? false)
    }

    /// What is so, in words.
    package var words: String {
        switch self {
        case .noCapability: "needs CAP_BPF"
        case .seccomp: "the seccomp profile refuses bpf(2), though CAP_BPF is there"
        case .userNamespace:
            "CAP_BPF is a user namespace's here, which the kernel does not take for bpf(2)"
        case .policy:
            "bpf(2) is refused, though CAP_BPF is there: by a security module or kernel lockdown"
        }
    }

    /// What helps.
    package var remedy: String {
        switch self {
        case .noCapability:
            "run as root, or add AmbientCapabilities=CAP_BPF (before Linux 5.11 also "
                + "LimitMEMLOCK=infinity), in a container --cap-add BPF; or use --steering stateless"
        case .seccomp:
            "in a container --security-opt seccomp=PROFILE with bpf allowed, in a unit "
                + "SystemCallFilter=bpf; or use --steering stateless"
        case .userNamespace:
            "run it outside of the user namespace (rootful, without PrivateUsers=), or use --steering "
                + "stateless"
        case .policy:
            "see dmesg and /sys/kernel/security/lockdown, or use --steering stateless"
        }
    }
}
