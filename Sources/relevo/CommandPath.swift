import Kernel

/// A command as the supervisor shall run it, which may be in another folder than its caller.
enum CommandPath {
    /// A relative path becomes absolute, by the folder as the caller named it: one that is reached
    /// through a symbolic link leads to the next release later. A plain name is left to PATH.
    static func absolute(_ command: [String]) -> [String] {
        guard let program = command.first, program.contains("/"), !program.hasPrefix("/"),
            // A folder's place, which has an absolute path.
            !program.hasPrefix("{"),
            let folder = try? namedCurrentFolder()
        else { return command }
        return ["\(folder)/\(program)"] + command.dropFirst()
    }
}
