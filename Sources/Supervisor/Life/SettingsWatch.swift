import Kernel
import Settings

/// The settings file as this supervisor has read it, and what it says since.
///
/// Options win over a file, so that it is compared with itself and not with what runs.
final class SettingsWatch {
    private let origin: SettingsOrigin
    private var first: ServiceSettings?
    /// What was found last, and the files that it was found in.
    private var last: (files: [String: FileStatus], unfollowed: [String])?

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

    /// Brings into settings that run what has changed in the file and may change now.
    ///
    /// - Returns: the names of that, and of what stays as it is.
    func bring(into settings: inout ServiceSettings) -> (applied: [String], left: [String]) {
        guard let former = first, let now = try? SettingsWatch.read(origin) else { return ([], []) }
        let applied = settings.follow(now, former: former)
        var known = former
        _ = known.follow(now, former: former)
        first = known
        last = nil
        return (applied, now.unfollowedChanges(since: known))
    }

    /// Takes note of what goes on as with the supervisor before, whatever the file says now.
    ///
    /// - Parameters:
    ///   - former: what counted for that one as the file's, if it has written that down.
    ///   - running: the settings that run.
    ///   - read: what this supervisor was started with, options included.
    func goOn(after former: ServiceSettings?, running: ServiceSettings, read: ServiceSettings) {
        // With mistakes in the file it is compared with what counted before.
        first =
            first?.asInEffect(after: former, running: running, read: read) ?? former
        last = nil
    }

    /// What the next supervisor is to know of it.
    var known: [UInt8]? { first.map { Array($0.render().utf8) } }

    /// The names of what has changed and is not in effect. Nothing while the file has mistakes: an upgrade
    /// tells those.
    var unfollowed: [String] {
        guard let first, let files = try? files() else { return [] }
        // Each status asks: what was not written to is not read again.
        if let last, last.files == files { return last.unfollowed }
        let now = try? SettingsWatch.read(origin)
        let unfollowed = now?.unfollowedChanges(since: first) ?? []
        last = (files, unfollowed)
        return unfollowed
    }

    /// What identifies the files and what is in them.
    private func files() throws(KernelError) -> [String: FileStatus] {
        var files: [String: FileStatus] = [:]
        for path in try [origin.file] + dropIns(of: origin.file) {
            files[path] = try FileStatus(of: path)
        }
        return files
    }
}
