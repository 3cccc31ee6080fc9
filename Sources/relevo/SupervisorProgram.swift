import Kernel
import Settings

/// Turns this process into the supervisor.
enum SupervisorProgram {
    /// Replaces this program; the settings go along in a memory file.
    static func become(
        runningWith settings: String, resuming: Bool
    ) throws(Failure) -> Never {
        do throws(KernelError) {
            let program = try find()
            let file = try MemoryFile(named: "relevo-settings")
            try file.replaceContents(with: Array(settings.utf8))
            // The supervisor decides for itself what a broken pipe means.
            try ignoreSignal(SignalName.pipe.number, false)
            let descriptor = file.intoDescriptor().release()
            try replaceProcess(
                executable: program,
                arguments: ["relevod", "--settings", "\(descriptor)"]
                    + (resuming ? ["--resume"] : []),
                environment: Environment.strings(), keeping: [descriptor])
        } catch {
            throw Failure(error)
        }
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
