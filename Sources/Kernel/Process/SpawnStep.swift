/// Where starting a process failed; the order is that of `enum relevo_step`.
package enum SpawnStep: Int32, Sendable {
    /// The parent could not make the child.
    case clone
    case session
    case namespace
    case privateFolder
    case descriptors
    case close
    case groups
    case group
    case user
    case workingFolder
    case deathSignal
    case noNewPrivileges
    case exec
    /// No failure: how interception began.
    case interception

    /// What was tried, as an error message says it.
    var words: String {
        switch self {
        case .clone: "start a process for"
        case .session: "make a session for"
        case .namespace: "make a mount namespace for"
        case .privateFolder: "mount a private folder"
        case .descriptors: "place the descriptors of"
        case .close: "close other descriptors of"
        case .groups: "set the groups of"
        case .group: "set the group of"
        case .user: "set the user of"
        case .workingFolder: "enter working folder"
        case .deathSignal: "set the death signal of"
        case .noNewPrivileges: "forbid new privileges to"
        case .exec: "execute"
        case .interception: "answer the bind(2) of"
        }
    }
}
