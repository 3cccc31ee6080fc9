import CKernel
import Glibc
package import SystemPackage

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

/// What a thread has of its own, apart from the rest of its process; its children inherit it.
package struct Isolation: OptionSet, Hashable, Sendable {
    package let rawValue: Int

    package init(rawValue: Int) { self.rawValue = rawValue }

    /// A copy of the descriptor table: what others open and close is not seen any more.
    package static let descriptors = Isolation(rawValue: 1)
    /// A network namespace with nothing but the loopback interface (needs CAP_SYS_ADMIN).
    package static let network = Isolation(rawValue: 2)

    /// Separates the calling thread, for good.
    package func enter() throws(KernelError) {
        if contains(.descriptors) {
            try check("unshare CLONE_FILES") { relevo_unshare_descriptors() }
        }
        if contains(.network) {
            try check("unshare CLONE_NEWNET") { relevo_unshare_network() }
        }
    }
}

/// Whether a process's calls of bind(2) wait for an answer.
package enum Interception: ~Copyable, Sendable {
    /// It was not asked for.
    case off
    /// They are answered through this.
    case on(CallNotifier)
    /// It cannot be had here; the process runs without.
    case refused(errno: Int32)
}

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

/// A process that could not be started: at which step, on what, and why.
package struct SpawnError: Error, Equatable, Sendable, CustomStringConvertible {
    package let step: SpawnStep
    package let errno: Errno
    /// The program's path, or the folder that the step is about.
    package let subject: String

    package init(step: SpawnStep, errno: Errno, subject: String) {
        self.step = step
        self.errno = errno
        self.subject = subject
    }

    package var description: String { "\(step.words) \(subject): \(errno)" }
}
