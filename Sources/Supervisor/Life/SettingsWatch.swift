import Kernel
import ServiceCore
import Settings

/// The settings file as this supervisor has read it, and what it says since.
///
/// Options win over a file, so that it is compared with itself and not with what runs.
final class SettingsWatch {
    private let origin: SettingsOrigin
    private var first: ServiceSettings?
    /// The listeners that options have named.
    private var options: Set<ListenAddress> = []
    /// What was found last, and the files that it was found in.
    private var last: (files: [String: FileStatus], says: ServiceSettings?)?

    /// - Parameter settings: what the service is started with, options included.
    init(_ origin: SettingsOrigin, _ settings: ServiceSettings) {
        self.origin = origin
        first = try? SettingsWatch.read(origin)
        options =
            first?.optionListeners(after: nil, running: ServiceSettings(), read: settings) ?? []
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

    /// What has changed in the file, by when it takes effect.
    struct Brought {
        /// The names of what takes effect at once.
        var applied: [String] = []
        /// What the next generation is to have.
        var listeners = ListenerChanges()
    }

    /// Brings into settings that run what has changed in the file and may change now.
    ///
    /// - Parameters:
    ///   - served: the listeners of the current generation, as they run.
    ///   - idleTimes: those of some listeners whose idle times can change now.
    func bring(
        into settings: inout ServiceSettings, serving served: [ListenerSettings],
        idleTimes: ([ListenerSettings]) -> Set<ListenAddress>
    ) -> Brought {
        guard var known = first, let now = try? SettingsWatch.read(origin) else { return Brought() }
        known.meet(now, serving: served)
        var brought = Brought()
        brought.applied = settings.follow(now, former: known)
        known.follow(now, former: known)
        let listeners = idleTimes(now.listeners)
        brought.applied += settings.followIdleTimes(now, former: known, at: listeners)
        _ = known.followIdleTimes(now, former: known, at: listeners)
        brought.listeners = ListenerChanges(
            added: now.listeners(besides: known),
            removed: known.listeners(besides: now).map(\.address).filter { !options.contains($0) })
        first = known
        last = nil
        return brought
    }

    /// Brings into settings that run what they have said once, as far as it may change now. The next upgrade follows the
    /// file again.
    ///
    /// - Parameter lines: what the history has of them.
    /// - Returns: the names of what has changed.
    func restore(_ lines: [String], into settings: inout ServiceSettings) -> [String] {
        guard let known = first else { return [] }
        let then = ServiceSettings(notable: lines, rest: known)
        let changed = settings.follow(then, former: known)
        first?.follow(then, former: known)
        last = nil
        return changed
    }

    /// Takes note of what goes on as with the supervisor before, whatever the file says now.
    ///
    /// - Parameters:
    ///   - former: what counted for that one as the file's, if it has written that down.
    ///   - running: the settings that run.
    ///   - read: what this supervisor was started with, options included.
    func goOn(after former: ServiceSettings?, running: ServiceSettings, read: ServiceSettings) {
        options =
            (first ?? former)?.optionListeners(after: former, running: running, read: read) ?? []
        // With mistakes in the file it is compared with what counted before.
        first =
            first?.asInEffect(after: former, running: running, read: read) ?? former
        last = nil
    }

    /// What the next supervisor is to know of it.
    var known: [UInt8]? { first.map { Array($0.render().utf8) } }

    /// The names of what has changed and is not in effect. Nothing while the file has mistakes: an upgrade
    /// tells those.
    ///
    /// - Parameters:
    ///   - served: the listeners of the current generation, as they run.
    ///   - idleTimes: those of some listeners whose idle times can change now.
    func unfollowed(
        serving served: [ListenerSettings],
        idleTimes: ([ListenerSettings]) -> Set<ListenAddress>
    ) -> [String] {
        guard var known = first, let files = try? files() else { return [] }
        // Each status asks: what was not written to is not read again.
        if last?.files != files { last = (files, try? SettingsWatch.read(origin)) }
        guard let now = last?.says else { return [] }
        known.meet(now, serving: served)
        first = known
        return now.unfollowedChanges(
            since: known, options: options, idleTimes: idleTimes(now.listeners))
    }

    /// How the file differs from what runs.
    ///
    /// - Parameter finish: puts in what the file comes to once it is followed.
    func differences(
        from running: ServiceSettings, finish: (inout ServiceSettings) -> Void
    ) throws -> [SettingsDifference] {
        var now = try SettingsWatch.read(origin)
        var former = first ?? now
        former.meet(now, serving: running.listeners)
        finish(&now)
        return now.differences(from: running, former: former)
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
