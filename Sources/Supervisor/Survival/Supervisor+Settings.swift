import ControlProtocol
import HandoverCore
import Kernel
import Logging
import Settings

extension Supervisor {
    /// A command or number of workers that is new in the settings takes effect by an upgrade.
    ///
    /// - Parameter former: what the predecessor was told.
    func followSettings(from former: ServiceSettings) {
        guard former.launch != settings.launch, !settings.command.isEmpty,
            machine.launch != settings.launch
        else { return }
        unfollowed = former
        followSettings()
    }

    /// SIGHUP is an upgrade, with the command and number of workers that the settings have now; with
    /// mistakes in them it is none.
    func upgradeBySignal() {
        guard let origin, let present = machine.launch else {
            log.notice("SIGHUP: upgrade")
            upgrade(to: nil, .none, more: false, for: nil)
            return
        }
        do {
            let sources = try ([origin.file] + dropIns(of: origin.file)).map {
                SettingsSource(file: $0, bytes: try readFile($0))
            }
            let found = try origin.launch(
                in: sources, command: present.command, workers: present.workers)
            let launch = Launch(command: found.command, workers: found.workers)
            log.notice("SIGHUP: upgrade, with the settings of \(origin.file)")
            upgrade(to: launch, .none, more: false, for: nil)
        } catch let error as SettingsErrors {
            for error in error.errors { log.error("\(error)") }
            log.error("SIGHUP: no upgrade, for the settings are bad")
        } catch {
            log.error("SIGHUP: no upgrade: \(error)")
        }
    }

    /// Asks for an upgrade. What somebody names for it puts what the settings named before, and what is
    /// not followed yet, out of date.
    ///
    /// - Parameter launch: nil is what is current.
    func upgrade(
        to launch: Launch?, _ wait: Wait, more: Bool, for connection: ControlConnection?
    ) {
        if let workers = launch?.workers, let obstacle = settings.obstacle(toWorkers: workers) {
            log.error("no upgrade: \(obstacle)")
            connection?.reply(.error(.refused(reason: obstacle)))
            return
        }
        let isUnderWay = ask("upgrade", wait, more: more, for: connection) {
            .upgrade($0, launch)
        }
        guard launch != nil, isUnderWay, unfollowed != nil else { return }
        unfollowed = nil
        saveRecord()
    }

    /// Asks for what the settings name, once, after the handover that was in the way.
    func followSettings() {
        guard unfollowed != nil, machine.handovers.isEmpty, machine.current != nil else { return }
        // Before it is asked for: this very function is called again when it has failed.
        unfollowed = nil
        if machine.launch != settings.launch {
            log.notice("the settings name another command or number of workers: upgrade")
            upgrade(to: settings.launch, .none, more: false, for: nil)
        }
        saveRecord()
    }

    /// The settings as the next supervisor is to compare its own with.
    var followedSettings: String {
        var followed = settings
        if let unfollowed {
            followed.command = unfollowed.command
            followed.workers = unfollowed.workers
        }
        return followed.render()
    }
}

extension ServiceSettings {
    /// What they have started.
    var launch: Launch { Launch(command: command, workers: workers) }
}
