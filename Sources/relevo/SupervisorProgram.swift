import Kernel
import Settings

/// Turns this process into the supervisor.
enum SupervisorProgram {
    /// Replaces this program; the settings go along in a memory file.
    static func become(runningWith settings: String) throws(Failure) -> Never {
        do throws(KernelError) {
            let program = try find()
            let file = try MemoryFile(named: "relevo-settings")
            try file.replaceContents(with: Array(settings.utf8))
            // The supervisor decides for itself what a broken pipe means.
            try ignoreSignal(SignalName.pipe.number, false)
            let descriptor = file.intoDescriptor().release()
            try replaceProcess(
                executable: program, arguments: ["relevod", "--settings", "\(descriptor)"],
                environment: Environment.strings(), keeping: [descriptor])
        } catch {
            throw Failure(error)
        }
    }

    /// Beside this program, or where a package puts it, else in PATH: both come from one package.
    static func find() throws(KernelError) -> String {
        let own = try readLink("/proc/self/exe")
        let folder = own.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(own[...$0]) } ?? "/"
        for place in ["relevod", "../libexec/relevo/relevod"] {
            if let beside = try? resolveExecutable(folder + place) { return beside }
        }
        return try resolveExecutable("relevod")
    }
}
