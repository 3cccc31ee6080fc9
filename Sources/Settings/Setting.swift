/// One key of the settings file as people see it: its name, its default, what it is for, and its
/// option of `relevo run`. Help, man pages, completion and the options themselves come from here.
package struct Setting: Sendable {
    /// The section that the key belongs to.
    package enum Section: String, CaseIterable, Sendable {
        case service = "Service"
        case listener = "Listener"
    }

    /// When a change of the file takes effect.
    package enum Moment: Sendable {
        /// At a reload, which is an upgrade.
        case reload
        /// At a restart of the supervisor, which loses nothing.
        case restart
        /// At a start after a stop.
        case start

        /// What it takes, for people.
        package var way: String {
            switch self {
            case .reload: "an upgrade"
            case .restart: "a restart of the supervisor (systemctl restart, or --resume)"
            case .start: "a stop and a start"
            }
        }
    }

    package let section: Section
    package let name: String
    /// As it would be written; nil where nothing is set until somebody does.
    package let defaultValue: String?
    /// One paragraph.
    package let help: String
    package let option: SettingOption?
    /// What `relevo run --help` says of the option.
    package let optionHelp: String
    package let takesEffect: Moment

    /// Every key, in the order it is written down.
    package static let all: [Setting] = {
        // Of what follows the transport, the default that most listeners have.
        var listener = ListenerDraft()
        listener.steering = Transport.udp.defaultSteering
        listener.idleTimeout = listener.steering?.idleTimeout
        return ServiceSettings.keys.map {
            Setting($0, in: .service, of: ServiceSettings(), takesEffect: .restart)
        }
            + ListenerDraft.keys.map {
                Setting($0, in: .listener, of: listener, takesEffect: .start)
            }
    }()

    /// Those that `relevo run` has an option for: first the addresses, so that there are listeners
    /// for the other options to be of.
    package static let options =
        all.filter { $0.isAddress } + all.filter { !$0.isAddress && $0.option != nil }

    var isAddress: Bool { section == .listener && name == "Address" }

    /// The key of this section and name.
    package static func of(_ section: Section, _ name: String) -> Setting? {
        all.first { $0.section == section && $0.name == name }
    }

    private init<Target>(
        _ key: SettingsKey<Target>, in section: Section, of defaults: Target, takesEffect: Moment
    ) {
        self.section = section
        name = key.name
        let values = key.values(defaults)
        defaultValue = values.first
        help = key.summary + "." + (key.details.isEmpty ? "" : " " + key.details)
        option = key.option
        self.takesEffect = key.takesEffect ?? takesEffect
        var text = key.option?.summary ?? key.summary
        if key.option?.isRepeatable == true { text += "; repeatable" }
        let unset = key.option?.unset ?? values.first
        switch key.option?.form {
        case .value, .word: text += unset.map { " (default: \($0))" } ?? ""
        case .values, .words, .flag, nil: break
        }
        optionHelp = text + "."
    }
}

extension ServiceSettings {
    /// The option that sets a property, by its name without the dashes.
    package static func option(_ path: PartialKeyPath<ServiceSettings>) -> String? {
        keys.first { $0.path == path }?.option?.name
    }
}
