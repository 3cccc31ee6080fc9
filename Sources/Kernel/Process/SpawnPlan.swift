/// What a child is to be, apart from its descriptors.
package struct SpawnPlan: Sendable {
    /// The terminal session and process group that the child starts in.
    package enum Session: Sendable {
        case same
        case newGroup
        case newSession
    }

    /// A path; `resolveExecutable(_:path:)` finds one for a bare name.
    package var executable: String
    /// All arguments, the program's name included.
    package var arguments: [String]
    /// `NAME=value` strings; LISTEN_PID is added by `givesOwnPID`.
    package var environment: [String]
    /// Adds `LISTEN_PID=` with the child's own number, which only the child can know.
    package var givesOwnPID = false
    package var workingFolder: String?
    /// The file mode creation mask; nil keeps the parent's.
    package var creationMask: UInt32?
    /// nil: as whom the parent runs.
    package var identity: ProcessIdentity?
    package var session = Session.same
    /// Sent by the kernel when the thread that spawned the child ends.
    package var deathSignal: Int32?
    package var forbidsNewPrivileges = false
    /// Makes calls of bind(2) wait for an answer. Without CAP_SYS_ADMIN that forbids new privileges
    /// as well. Where it cannot be had the program runs without.
    package var interceptsBind = false
    /// Folders in whose place the child sees those that `privateBase` has for them (needs
    /// CAP_SYS_ADMIN).
    package var privateFolders: [String] = []
    /// Where `privateName(of:)` names the folders that are seen instead.
    package var privateBase = ""

    package init(executable: String, arguments: [String], environment: [String]) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
    }

    /// The path of a private folder as one name.
    package static func privateName(of path: String) -> String {
        path.reduce(into: "") { name, character in
            switch character {
            case "/": name += "%2F"
            case "%": name += "%25"
            default: name.append(character)
            }
        }
    }
}
