import Kernel

/// A command as the supervisor shall run it, which may be in another folder than its caller.
enum CommandPath {
    /// A relative path becomes absolute; a plain name is left to PATH.
    static func absolute(_ command: [String]) -> [String] {
        guard let program = command.first, program.contains("/"), !program.hasPrefix("/"),
            let folder = try? readLink("/proc/self/cwd")
        else { return command }
        return ["\(folder)/\(program)"] + command.dropFirst()
    }
}
