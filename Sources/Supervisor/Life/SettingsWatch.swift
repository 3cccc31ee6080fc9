import Kernel
import Settings

/// The settings file as this supervisor has read it, and what it says since.
///
/// Options win over a file, so that it is compared with itself and not with what runs.
final class SettingsWatch {
    private let origin: SettingsOrigin
    private let first: ServiceSettings?

    init(_ origin: SettingsOrigin) {
        self.origin = origin
        first = try? SettingsWatch.read(origin)
    }

    /// What the file and its drop-ins say now.
    private static func read(_ origin: SettingsOrigin) throws -> ServiceSettings {
        let sources = try ([origin.file] + dropIns(of: origin.file)).map {
            SettingsSource(file: $0, bytes: try readFile($0))
        }
        var draft = try SettingsDraft(reading: sources)
        // The command line's.
        if origin.fixesCommand { draft.setCommand(["/"]) }
        return try draft.finished(inheritsSockets: true)
    }

    /// The names of what has changed and is not in effect. Nothing while the file has mistakes: an upgrade
    /// tells those.
    var unfollowed: [String] {
        guard let first, let now = try? SettingsWatch.read(origin) else { return [] }
        return now.unfollowedChanges(since: first)
    }
}
