import ControlProtocol
import HandoverCore
import Kernel
import ServiceCore
import Settings

/// What the settings file says, and what runs.
extension Shell {
    /// The listeners of the current generation, as they run.
    var servedListeners: [ListenerSettings] {
        conductor.service.servedListeners.map { port.sockets.settings.listeners[$0] }
    }

    /// How the file differs from what runs.
    var comparedSettings: SettingsReply {
        guard let origin else { return SettingsReply(file: nil) }
        do {
            return SettingsReply(
                file: origin.file,
                differences: try differencesOfFile().map(SettingDifference.init))
        } catch let error as SettingsErrors {
            let texts = error.errors.map(\.description)
            return SettingsReply(file: origin.file, problem: texts.joined(separator: "\n"))
        } catch {
            return SettingsReply(file: origin.file, problem: "\(error)")
        }
    }

    /// The same as values; none where there is no file.
    func differencesOfFile() throws -> [SettingsDifference] {
        guard let origin, let watch else { return [] }
        var running = port.sockets.settings
        running.listeners = servedListeners
        if let launch = conductor.service.machine.launch {
            running.command = launch.command
            running.workers = launch.workers
            running.release = nil
        }
        let sources = try ([origin.file] + dropIns(of: origin.file)).map {
            SettingsSource(file: $0, bytes: try readFile($0))
        }
        let launch = try origin.launch(
            in: sources, command: running.command, workers: running.workers,
            followed: { (try? realPath($0)) ?? $0 })
        var idleTimes: Set<ListenAddress> = []
        let found = try watch.differences(from: running) {
            $0.command = launch.command
            $0.workers = launch.workers
            $0.release = nil
            idleTimes = port.sockets.idleTimes(asIn: $0.listeners)
        }
        return found.map { $0.from(idleTimes) }
    }
}

extension SettingsDifference {
    /// When it takes effect, given the listeners whose idle times can change now.
    fileprivate func from(_ idleTimes: Set<ListenAddress>) -> SettingsDifference {
        guard let listener, key != "Address", effect == .at(.reload), !idleTimes.contains(listener)
        else { return self }
        return SettingsDifference(
            listener: listener, key: key, running: running, file: file, effect: .at(.start))
    }
}

extension SettingDifference {
    init(_ found: SettingsDifference) {
        let takesEffect =
            switch found.effect {
            case .optionWins: "never"
            case .at(.reload): "upgrade"
            case .at(.restart): "restart"
            case .at(.start): "stop"
            }
        self.init(
            listener: found.listener.map { "\($0)" }, key: found.key, running: found.running,
            file: found.file, takesEffect: takesEffect)
    }
}
