/// Where what a service prints is kept, if no journal does: `log`, and `log.1` with what came before it.
package enum LogPlace {
    /// Neither of the two is longer.
    package static let mostBytes = 4 << 20
    /// What `SupervisorStatus.log` says where a journal has it.
    package static let journal = "journal"

    package static func path(in folder: String) -> String { "\(folder)/log" }

    /// The file before the one of this path.
    package static func older(_ path: String) -> String { "\(path).1" }
}
