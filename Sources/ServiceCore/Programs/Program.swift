/// What a generation runs, as it was found when the generation began.
package struct Program: Hashable, Codable, Sendable {
    /// The executable first, then the files that the command names as arguments: a script that an
    /// interpreter is given, a file of settings.
    package var files: [ProgramFile]
    /// The executable's build id in hexadecimal digits; nil where it has none.
    package var buildID: String?
    /// The executable's SHA-256; nil where it has a build id, or is too large to be read on the way.
    package var sha256: String?
    /// Whether it is a script, whose interpreter is another file.
    package var isScript: Bool

    package init(
        files: [ProgramFile], buildID: String? = nil, sha256: String? = nil, isScript: Bool = false
    ) {
        self.files = files
        self.buildID = buildID
        self.sha256 = sha256
        self.isScript = isScript
    }

    /// The file that is executed.
    package var executable: ProgramFile? { files.first }

    /// Whether a start of the other would run the same files, unchanged.
    package func isSame(as other: Program) -> Bool {
        files.count == other.files.count
            && zip(files, other.files).allSatisfy { $0.path == $1.path && $0.facts == $1.facts }
    }
}

/// One file of a program.
package struct ProgramFile: Hashable, Codable, Sendable {
    /// The absolute path that the command means, symbolic links and all.
    package var named: String
    /// The same with the links of its folders followed, when it was found: `current/server` becomes
    /// `release-7/server`. Its last name is what the process is called.
    package var place: String
    /// Where it led to in the end.
    package var path: String
    package var facts: FileFacts

    package init(named: String, place: String, path: String, facts: FileFacts) {
        self.named = named
        self.place = place
        self.path = path
        self.facts = facts
    }
}

extension ProgramFile {
    private static let endings: Set<Substring> = [
        "py", "pyc", "pyz", "js", "mjs", "cjs", "ts", "jar", "rb", "pl", "php", "lua", "sh", "tcl",
        "exs", "wasm", "dll",
    ]

    /// Whether a word of a command names a file of code, as far as its ending says: other files, logs and
    /// databases among them, change without a new version.
    package static func isCode(_ word: String) -> Bool {
        guard !word.hasPrefix("-"), let name = word.split(separator: "/").last else { return false }
        let parts = name.split(separator: ".")
        return parts.count > 1 && endings.contains(parts[parts.count - 1])
    }
}

/// What tells one file's contents from another's without reading them.
package struct FileFacts: Hashable, Codable, Sendable {
    package var device: UInt64
    package var inode: UInt64
    package var size: UInt64
    /// In nanoseconds since 1970.
    package var modified: UInt64

    package init(device: UInt64, inode: UInt64, size: UInt64, modified: UInt64) {
        self.device = device
        self.inode = inode
        self.size = size
        self.modified = modified
    }

    /// Whether it is the same file, whatever has become of its contents.
    package func isSameFile(as other: FileFacts) -> Bool {
        device == other.device && inode == other.inode
    }
}

/// What is executed for a worker that is started on a program found before.
package enum ProgramSource: Hashable, Sendable {
    /// The file has a name still.
    case path(String)
    /// No name leads to it any more: the descriptor that is held of it.
    case held
    /// It is gone, and nobody holds it: what the path names now.
    case replacement(String)

    /// Chooses for a program.
    ///
    /// - Parameters:
    ///   - isHeld: whether a descriptor of the executable is there.
    ///   - facts: what a path leads to now; nil for nothing.
    package init(
        _ executable: ProgramFile, isHeld: Bool, facts: (String) -> FileFacts?
    ) {
        // A name first: then `ps`, and a script that looks at its own path, see what they ever saw.
        for path in [executable.place, executable.path] {
            if let now = facts(path), now.isSameFile(as: executable.facts) {
                self = .path(path)
                return
            }
        }
        self = isHeld ? .held : .replacement(executable.place)
    }
}

/// How the files of a program stand on disk.
package enum ProgramChange: Hashable, Sendable {
    /// The command leads to another file now, or to none.
    case replaced(String)
    /// The file itself was written to: what it was is nowhere any more.
    case overwritten(String)
    /// Files that it loads, at least one, are others now, or gone: libraries, a script's interpreter.
    case loaded([String])

    /// In words.
    package var text: String {
        switch self {
        case .replaced(let path): "\(path) is another file now, or gone"
        case .overwritten(let path): "\(path) was written to"
        case .loaded(let paths):
            paths.count == 1
                ? "\(Self.list(paths)) is another file now, or gone"
                : "\(Self.list(paths)) are other files now, or gone"
        }
    }

    /// nil where all are as they were.
    package init?(loaded paths: [String]) {
        if paths.isEmpty { return nil }
        self = .loaded(paths)
    }

    private static func list(_ paths: [String]) -> String {
        let most = 8
        let rest = paths.count > most ? " and \(paths.count - most) more" : ""
        return paths.prefix(most).joined(separator: ", ") + rest
    }

    /// What has changed of a program that is to be started again, and that nobody holds; nil where the files are
    /// those that it began with.
    ///
    /// - Parameters:
    ///   - isHeld: whether a descriptor of the executable is there.
    ///   - facts: what a path leads to now; nil for nothing.
    package static func loss(
        of program: Program, isHeld: Bool, facts: (String) -> FileFacts?
    ) -> ProgramChange? {
        guard let executable = program.executable else { return nil }
        switch ProgramSource(executable, isHeld: isHeld, facts: facts) {
        case .path(let path):
            if facts(path) != executable.facts { return .overwritten(path) }
        case .held: break
        case .replacement(let path): return .replaced(path)
        }
        var arguments = program
        arguments.files.removeFirst()
        return find(in: arguments, facts: facts)
    }

    /// What has changed; nil where a start now would run the same.
    ///
    /// - Parameter facts: what a path leads to now; nil for nothing.
    package static func find(
        in program: Program, facts: (String) -> FileFacts?
    ) -> ProgramChange? {
        for file in program.files {
            guard let now = facts(file.named), now.isSameFile(as: file.facts) else {
                return .replaced(file.named)
            }
            if now != file.facts { return .overwritten(file.named) }
        }
        return nil
    }
}
