/// What people are told about one key of the settings file.
package struct KeyHelp: Equatable, Sendable {
    /// The section that the key belongs to.
    package enum Section: String, CaseIterable, Sendable {
        case service = "Service"
        case listener = "Listener"
    }

    package let section: Section
    package let name: String
    /// As it would be written; nil where nothing is set until somebody does.
    package let defaultValue: String?
    /// One paragraph.
    package let text: String

    /// Every key, in the order it is written down.
    package static let all: [KeyHelp] = {
        // Of what follows the transport, the default that most listeners have.
        var listener = ListenerDraft()
        listener.steering = Transport.udp.defaultSteering
        return all(of: ServiceSettings.keys, .service, ServiceSettings(), serviceTexts)
            + all(of: ListenerDraft.keys, .listener, listener, listenerTexts)
    }()

    /// The key of this section and name.
    package static func of(_ section: Section, _ name: String) -> KeyHelp? {
        all.first { $0.section == section && $0.name == name }
    }

    private static func all<Target>(
        of keys: [SettingsKey<Target>], _ section: Section, _ defaults: Target,
        _ texts: [String: String]
    ) -> [KeyHelp] {
        keys.map { key in
            KeyHelp(
                section: section, name: key.name, defaultValue: key.values(defaults).first,
                text: texts[key.name] ?? "")
        }
    }
}
