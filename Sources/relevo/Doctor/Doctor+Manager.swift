import Kernel

extension Doctor {
    /// Who could hold the sockets while the supervisor is away.
    static func serviceManager() -> Finding {
        let isRunning = (try? FileStatus(of: "/run/systemd/system")).flatMap(\.self) != nil
        return serviceManager(
            isRunning: isRunning, version: isRunning ? firstLine(of: "systemctl", "--version") : nil
        )
    }

    /// - Parameter version: what systemctl says, `systemd 252 (252.39-1~deb12u2)`.
    static func serviceManager(isRunning: Bool, version: String?) -> Finding {
        let (id, subject) = ("serviceManager", "systemd")
        guard isRunning else {
            return Finding(
                id, subject, .warn, "it does not run here",
                remedy: "relevo run --resume under another init, or as a container's main process: "
                    + "the workers outlive a crash, not the container")
        }
        let number = version?.split(separator: " ").dropFirst().first.flatMap { Int($0) }
        guard let number else {
            return Finding(id, subject, .warn, "it runs; its version is not known")
        }
        guard number >= 246 else {
            return Finding(
                id, subject, .warn, "\(number): its fd store lets go of what has no reader",
                remedy: "systemd 246 or newer (FDPOLL=0)")
        }
        return Finding(
            id, subject, .ok, "\(number): its fd store holds what outlives the supervisor")
    }

    /// What a program prints first; nil where it cannot be run or fails.
    private static func firstLine(of program: String, _ arguments: String...) -> String? {
        do {
            var plan = DescriptorPlan()
            var pipe = try Pipe()
            let writer = pipe.takeWriter()
            try plan.place(writer, at: 1)
            let child = try ChildProcess.spawn(
                SpawnPlan(
                    executable: try resolveExecutable(program), arguments: [program] + arguments,
                    environment: Environment.strings()), descriptors: plan)
            _ = consume writer
            let bytes = try pipe.takeReader().read(upTo: 4096) ?? []
            guard try child.waitForExit() == .code(0) else { return nil }
            return String(decoding: bytes.prefix { $0 != 0x0a }, as: UTF8.self)
        } catch {
            return nil
        }
    }
}
