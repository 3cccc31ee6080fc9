import Kernel
import Settings

/// Reads a settings file with its drop-ins.
enum SettingsFiles {
    /// The file and then FILE.d/*.conf in the order of their names.
    static func read(_ path: String) throws(Failure) -> [SettingsSource] {
        do throws(KernelError) {
            var sources = [SettingsSource(file: path, bytes: try readFile(path))]
            for file in try dropIns(of: path) {
                sources.append(SettingsSource(file: file, bytes: try readFile(file)))
            }
            return sources
        } catch {
            throw Failure(error, otherwise: .settings)
        }
    }

    /// What they say, not yet checked as a whole.
    static func draft(of path: String) throws(Failure) -> SettingsDraft {
        let sources = try read(path)
        do throws(SettingsErrors) {
            return try SettingsDraft(reading: sources)
        } catch {
            throw Failure(error, .settings)
        }
    }

    /// What they say, checked as a whole.
    ///
    /// - Parameter command: in the place of theirs; empty for theirs.
    static func settings(
        of path: String, inheritsSockets: Bool = false, command: [String] = []
    ) throws(Failure) -> ServiceSettings {
        var draft = try draft(of: path)
        if !command.isEmpty { draft.setCommand(command) }
        do throws(SettingsErrors) {
            return try draft.finished(inheritsSockets: inheritsSockets)
        } catch {
            throw Failure(error, .settings)
        }
    }
}
