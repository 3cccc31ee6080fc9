import ChannelProtocol
import ControlProtocol
import HandoverCore
import Logging
import ServiceCore
import Settings

/// What an upgrade brings of the settings file, and what it leaves.
extension Shell {
    /// The same for somebody who asks; nothing is read for one who may not.
    func followSettings(for wish: Wish, as role: Role) -> [SettingOutcome] {
        let service = conductor.service
        guard service.refusal(of: wish, as: role) == nil else { return [] }
        guard case .upgrade(let command, let workers, _, _, _, _) = wish,
            let present = service.machine.launch
        else { return followSettings(for: service.machine.launch) }
        return followSettings(
            for: Launch(
                command: command ?? present.command, workers: workers ?? present.workers))
    }

    /// The same where a newer group of workers joins. With mistakes in the file its generation has what runs.
    func followSettings(forJoining hello: WorkerMessage.Hello) {
        guard conductor.service.isUpgrade(hello), let origin else { return }
        do {
            _ = try differencesOfFile()
            _ = followSettings(for: nil)
        } catch {
            let faults = (error as? SettingsErrors)?.errors.map(\.description) ?? ["\(error)"]
            for fault in faults { log.error("\(fault)") }
            log.error(
                "workers join with the settings that run, for \(origin.file) cannot be followed")
        }
    }

    /// Has what may change while workers run be as the settings file says now, and names the rest.
    ///
    /// - Parameter launch: what the upgrade starts.
    /// - Returns: what becomes of each setting that the file says otherwise than it ran.
    func followSettings(for launch: Launch?) -> [SettingOutcome] {
        guard let watch else { return [] }
        let before = (try? differencesOfFile()) ?? []
        var settings = port.sockets.settings
        let brought = watch.bring(into: &settings, serving: servedListeners) {
            port.sockets.idleTimes(asIn: $0)
        }
        if !brought.applied.isEmpty {
            port.change(settings)
            log.notice("\(brought.applied.joined(separator: ", ")): as the settings say now")
        }
        conductor.take(.listenersNamed(brought.listeners))
        let outcomes = before.compactMap { outcome(of: $0, launch) }
        tellLeft(outcomes)
        return outcomes
    }

    /// What becomes of a difference; nil for one that an option keeps as it is.
    private func outcome(of found: SettingsDifference, _ launch: Launch?) -> SettingOutcome? {
        let effect: SettingEffect
        switch found.effect {
        case .optionWins: return nil
        case .at(.restart): effect = .restart
        case .at(.start): effect = .stop
        case .at(.reload):
            if found.listener != nil, found.key != "Address" {
                effect = .applied
            } else if let address = found.listener {
                // It may be that the service cannot do it: it has said so.
                let isBrought = conductor.service.willServe("\(address)") == !found.file.isEmpty
                effect = isBrought ? .generation : .stop
            } else if ServiceSettings.isLaunched(found.key) {
                let isAsked = isAsked(found, launch)
                effect = isAsked ? .generation : .upgrade
            } else {
                effect =
                    ServiceSettings.isOfNextGeneration(found.key) ? .generation : .applied
            }
        }
        return SettingOutcome(
            listener: found.listener.map { "\($0)" }, key: found.key, effect: effect)
    }

    /// Whether what is started is what the file says.
    private func isAsked(_ found: SettingsDifference, _ launch: Launch?) -> Bool {
        guard let launch else { return false }
        var asked = ServiceSettings()
        asked.command = launch.command
        asked.workers = launch.workers
        return asked.lines(of: found.key) == found.file
    }

    private func tellLeft(_ outcomes: [SettingOutcome]) {
        let ways: [(SettingEffect, Setting.Moment)] = [(.restart, .restart), (.stop, .start)]
        for (effect, moment) in ways {
            let names = outcomes.filter { $0.effect == effect }.map(\.name)
            if names.isEmpty { continue }
            log.warning(
                "\(names.joined(separator: ", ")): changed, but not by an upgrade: that takes \(moment.way)"
            )
        }
    }
}
