import Kernel

/// Which of a machine's service managers a process belongs to.
enum ManagerKind: Equatable {
    case system
    case user

    /// By the control group that systemd made for us; nil where systemd made none.
    static var ofThisProcess: ManagerKind? {
        guard let text = try? readFile("/proc/self/cgroup") else { return nil }
        return of(controlGroups: String(decoding: text, as: UTF8.self))
    }

    /// Reads /proc/PID/cgroup: lines `NUMBER:CONTROLLERS:PATH`, systemd's with no controllers or
    /// named `name=systemd`.
    static func of(controlGroups text: String) -> ManagerKind? {
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3, parts[1].isEmpty || parts[1] == "name=systemd" else { continue }
            let groups = parts[2].split(separator: "/")
            if let manager = groups.firstIndex(where: {
                $0.hasPrefix("user@") && $0.hasSuffix(".service")
            }), manager + 1 < groups.count, groups[manager + 1] != "init.scope" {
                return .user
            }
            if groups.contains(where: { $0.hasSuffix(".service") || $0.hasSuffix(".scope") }) {
                return .system
            }
        }
        return nil
    }
}
