import ControlProtocol
import Kernel

/// Looks at what this kernel, these privileges and this system allow.
enum Doctor {
    /// Everything, the weightiest first; nothing stays behind.
    static func examine() -> [Finding] {
        [
            kernel(release: text("/proc/sys/kernel/osrelease") ?? "?"),
            supervisor(),
            flowSteering(), quicSteering(), packSteering(), copies(), statelessSteering(),
            runtimeFolder(),
            receiveBuffer(),
            openFiles(),
            lowPorts(
                first: text("/proc/sys/net/ipv4/ip_unprivileged_port_start").flatMap { Int($0) }
                    ?? 1024, isPrivileged: has(.bindLowPorts)),
            otherUsers(
                mayChange: has(.setUser) && has(.setGroup) && has(.killOthers),
                mayObserve: has(.trace)),
            bindInterception(
                actions: text("/proc/sys/kernel/seccomp/actions_avail") ?? ""),
            lookingIntoWorkers(
                yama: text("/proc/sys/kernel/yama/ptrace_scope"), mayTrace: has(.trace)),
            serviceManager(),
        ]
    }

    /// The first line of a small file; nil where it cannot be read.
    static func text(_ path: String) -> String? {
        guard let bytes = try? readFile(path) else { return nil }
        return String(decoding: bytes.prefix { $0 != 0x0a }, as: UTF8.self)
    }

    static func has(_ capability: Capabilities.Capability) -> Bool {
        (try? Capabilities.effective())?.contains(capability) ?? false
    }

    private static func supervisor() -> Finding {
        do throws(KernelError) {
            return Finding(
                "supervisor", "supervisor", .ok, try SupervisorProgram.find(), isNeeded: true)
        } catch {
            return Finding(
                "supervisor", "supervisor", .missing, "\(error)",
                remedy: "install relevod beside relevo; both come from one package",
                isNeeded: true)
        }
    }

    private static func runtimeFolder() -> Finding {
        let isRoot = ProcessIdentity.effectiveUser == 0
        let place = { (environment: (String) -> String?) in
            RuntimeFolder.path(name: "NAME", isRoot: isRoot, environment: environment)
        }
        guard let path = place({ Environment.value(of: $0) }) else {
            return Finding(
                "runtimeFolder", "runtime folder", .missing,
                "neither RUNTIME_DIRECTORY nor XDG_RUNTIME_DIR is set",
                remedy: "log in by pam_systemd (loginctl enable-linger), or set RUNTIME_DIRECTORY "
                    + "to a folder of your own", isNeeded: true)
        }
        return Finding("runtimeFolder", "runtime folder", .ok, path, isNeeded: true)
    }
}
