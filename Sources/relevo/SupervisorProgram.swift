import Kernel
import Settings

/// Turns this process into the supervisor.
enum SupervisorProgram {
    /// Replaces this program; the settings go along in a memory file.
    static func become(
        runningWith settings: String, from origin: SettingsOrigin? = nil, resuming: Bool,
        adopting process: Int32? = nil
    ) throws(Failure) -> Never {
        do throws(KernelError) {
            OwnLimits.raise()
            let file = try MemoryFile(named: "relevo-settings")
            try file.replaceContents(with: Array(settings.utf8))
            let descriptor = file.intoDescriptor().release()
            let options =
                process.map { ["--adopt-process", "\($0)"] } ?? (resuming ? ["--resume"] : [])
            try become(
                "\(descriptor)", (origin?.arguments ?? []) + options, keeping: [descriptor])
        } catch {
            throw failure(error)
        }
    }

    /// Replaces this program by one that goes on with the settings in a predecessor's record.
    static func become(
        goingOnWith record: Int32, from origin: SettingsOrigin?
    ) throws(Failure) -> Never {
        do throws(KernelError) {
            try become(
                "record:\(record)", (origin?.arguments ?? []) + ["--resume"], keeping: [record])
        } catch {
            throw failure(error)
        }
    }

    /// Without /proc nothing of all this works, and the error would name one call of many.
    private static func failure(_ error: KernelError) -> Failure {
        guard (try? FileStatus(of: "/proc/self")) ?? nil == nil else { return Failure(error) }
        return Failure(
            .failed,
            "there is no /proc here, through which Relevo looks into processes; mount -t proc proc /proc"
        )
    }

    private static func become(
        _ settings: String, _ options: [String], keeping: [Int32]
    ) throws(KernelError) -> Never {
        let program = try find()
        // The supervisor decides for itself what a broken pipe means.
        try ignoreSignal(SignalNumber.pipe, false)
        try replaceProcess(
            executable: program,
            arguments: ["relevod", "--settings", settings] + options,
            environment: Environment.strings(), keeping: keeping)
    }

    /// Beside this program, or where a package puts it, else in PATH: both come from one package.
    static func find() throws(KernelError) -> String {
        let own = try readLink("/proc/self/exe")
        let folders = own.split(separator: "/").dropLast().map { "/\($0)" }
        for place in [folders + ["/relevod"], folders.dropLast() + ["/libexec/relevo/relevod"]] {
            if let found = try? resolveExecutable(place.joined()) { return found }
        }
        return try resolveExecutable("relevod")
    }
}
