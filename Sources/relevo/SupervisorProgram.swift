import Kernel
import Settings

/// Turns this process into the supervisor.
enum SupervisorProgram {
    /// Of this process if it was started to take a service over; begins when it is asked for.
    static let haste: Haste? = {
        let words = CommandLine.arguments.dropFirst().prefix { $0 != "--" }
        return words.first == "run" && words.contains("--resume") ? Haste() : nil
    }()

    /// Replaces this program; the settings go along in a memory file.
    static func become(
        runningWith settings: String, from origin: SettingsOrigin? = nil, resuming: Bool,
        adopting process: Int32? = nil
    ) throws(Failure) -> Never {
        do throws(KernelError) {
            let file = try MemoryFile(named: "relevo-settings")
            try file.replaceContents(with: Array(settings.utf8))
            let descriptor = file.intoDescriptor().release()
            let options =
                process.map { ["--adopt-process", "\($0)"] } ?? (resuming ? ["--resume"] : [])
            try become(
                "\(descriptor)", (origin?.arguments ?? []) + options, keeping: [descriptor])
        } catch {
            throw Failure(error)
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
            throw Failure(error)
        }
    }

    private static func become(
        _ settings: String, _ options: [String], keeping: [Int32]
    ) throws(KernelError) -> Never {
        let program = try find()
        // The supervisor decides for itself what a broken pipe means.
        try ignoreSignal(SignalName.pipe.number, false)
        try replaceProcess(
            executable: program,
            arguments: ["relevod", "--settings", settings] + options
                + (haste?.former.map { ["\($0)"] } ?? []),
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
