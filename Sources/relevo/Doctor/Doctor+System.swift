import Kernel

extension Doctor {
    static func kernel(release: String) -> Finding {
        let numbers = release.split { !$0.isNumber }.prefix(2).compactMap { Int($0) }
        let (major, minor) = (numbers.first ?? 0, numbers.dropFirst().first ?? 0)
        func since(_ wanted: (Int, Int)) -> Bool { (major, minor) >= wanted }
        let subject = "kernel"
        guard since((5, 10)) else {
            return Finding(
                "kernel", subject, .missing, "Linux \(release)",
                remedy: "Linux 5.10 or newer", isNeeded: true)
        }
        if !since((5, 11)) {
            return Finding(
                "kernel", subject, .warn,
                "Linux \(release): maps count as locked memory before 5.11",
                remedy: "LimitMEMLOCK=infinity in the unit, or ulimit -l unlimited",
                isNeeded: true)
        }
        let connected =
            since((6, 13))
            ? "connected sockets are found by their 4-tuple"
            : "before 6.13 connected UDP sockets of a server are searched for one by one"
        return Finding("kernel", subject, .ok, "Linux \(release); \(connected)", isNeeded: true)
    }

    static func receiveBuffer() -> Finding {
        let wanted = 8 << 20
        do throws(KernelError) {
            let socket = try DatagramSocket(for: .loopback())
            return receiveBuffer(granted: try socket.growReceiveBuffer(to: wanted), of: wanted)
        } catch {
            return Finding("receiveBuffer", "receive buffer", .missing, "\(error)")
        }
    }

    static func receiveBuffer(granted: Int, of wanted: Int) -> Finding {
        guard granted < wanted else {
            return Finding(
                "receiveBuffer", "receive buffer", .ok, "\(wanted >> 20) MB a socket")
        }
        return Finding(
            "receiveBuffer", "receive buffer", .warn,
            "\(granted >> 10) KB a socket, of the \(wanted >> 20) MB asked for by default: a burst "
                + "or a paused server loses datagrams sooner",
            remedy: "sysctl -w net.core.rmem_max=\(wanted), or CAP_NET_ADMIN")
    }

    static func openFiles() -> Finding {
        guard let limit = try? ResourceLimit.openFiles.read() else {
            return Finding("openFiles", "open files", .warn, "the limit cannot be read")
        }
        return openFiles(limit: limit.hard)
    }

    /// A generation takes a socket for each worker and listener, twice while it hands over. The supervisor
    /// raises its soft limit itself.
    static func openFiles(limit: UInt64) -> Finding {
        let enough: UInt64 = 1024
        let told = limit == .max ? "no limit" : "\(limit)"
        guard limit < enough else { return Finding("openFiles", "open files", .ok, told) }
        return Finding(
            "openFiles", "open files", .warn, "\(told): enough for some \(limit / 8) sockets",
            remedy: "LimitNOFILE=65536 in the unit, or ulimit -Hn 65536")
    }

    static func lowPorts(first: Int, isPrivileged: Bool) -> Finding {
        if isPrivileged {
            return Finding(
                "lowPorts", "ports below 1024", .ok, "allowed by CAP_NET_BIND_SERVICE")
        }
        if first <= 1 {
            return Finding("lowPorts", "ports below 1024", .ok, "open to everybody here")
        }
        return Finding(
            "lowPorts", "ports below 1024", .warn, "only from \(first) on",
            remedy: "AmbientCapabilities=CAP_NET_BIND_SERVICE, or sysctl -w "
                + "net.ipv4.ip_unprivileged_port_start=53, say")
    }

    static func otherUsers(mayChange: Bool, mayObserve: Bool) -> Finding {
        let subject = "workers of other users"
        if mayChange, mayObserve {
            return Finding("otherUsers", subject, .ok, "User= and Group= of the settings work")
        }
        return Finding(
            "otherUsers", subject, .warn,
            mayChange
                ? "they cannot be observed: say READY=1, or Ready=alive:2s"
                : "User= and Group= of the settings do not work",
            remedy: "run the supervisor itself as that user (User= of the unit)")
    }

    /// Whether the bind(2) of a server can be answered with the supervisor's socket.
    static func bindInterception(actions: String) -> Finding {
        let subject = "answering bind(2)"
        guard actions.split(separator: " ").contains("user_notif") else {
            return Finding(
                "bindInterception", subject, .warn,
                "this kernel has no seccomp notification: a server must take its sockets through "
                    + "LISTEN_FDS or {fd}")
        }
        do {
            try tryInterception()
        } catch {
            let isRefused = (error as? KernelError)?.call == "seccomp"
            return Finding(
                "bindInterception", subject, .warn,
                "\(error): a server must take its sockets through LISTEN_FDS or {fd}",
                remedy: isRefused
                    ? "SystemCallFilter=seccomp pidfd_getfd in the unit; in a container a "
                        + "profile that allows seccomp(2)" : nil)
        }
        return Finding(
            "bindInterception", subject, .ok,
            has(.administerSystem)
                ? "servers that only call bind(2) work"
                : "servers that only call bind(2) work; without CAP_SYS_ADMIN setuid programs "
                    + "that they start gain no privileges (no_new_privs), unless --no-intercept")
    }

    /// Starts a program that is asked for its calls, as a worker is: this one, which is there.
    private static func tryInterception() throws {
        var plan = SpawnPlan(
            executable: try readLink("/proc/self/exe"), arguments: ["relevo", "--version"],
            environment: [])
        plan.interceptsBind = true
        // What it prints is nobody's.
        var output = try Pipe()
        var descriptors = DescriptorPlan()
        try descriptors.place(output.takeWriter(), at: 1)
        var interception = Interception.off
        let child = try ChildProcess.spawn(
            plan, descriptors: descriptors, interception: &interception)
        _ = try child.waitForExit()
        switch consume interception {
        case .on: return
        case .off: return
        case .refused(let reason): throw KernelError("seccomp", number: reason)
        }
    }

    /// A later supervisor is no ancestor of the workers that an earlier one has started.
    static func lookingIntoWorkers(yama: String?, mayTrace: Bool) -> Finding {
        let subject = "looking into workers"
        guard let scope = yama.flatMap({ Int($0) }), scope > 0, !mayTrace else {
            return Finding("yama", subject, .ok, "sockets and waits of workers can be seen")
        }
        return Finding(
            "yama", subject, .warn,
            "Yama forbids it for processes of others' descent (ptrace_scope=\(scope)): a supervisor "
                + "that took over cannot answer bind(2), nor see that a worker is ready",
            remedy: "sysctl -w kernel.yama.ptrace_scope=0, or CAP_SYS_PTRACE")
    }
}
