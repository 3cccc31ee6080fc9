/// What became of a setting that the file said otherwise than it ran when an upgrade was asked for.
package struct SettingOutcome: Codable, Equatable, Sendable {
    /// The listener's address; nil for a key of [Service].
    package var listener: String?
    package var key: String
    package var effect: SettingEffect

    package init(listener: String? = nil, key: String, effect: SettingEffect) {
        self.listener = listener
        self.key = key
        self.effect = effect
    }

    /// As people call it.
    package var name: String {
        guard let listener else { return "\(key)=" }
        return "[Listener] \(listener)" + (key == "Address" ? "" : " \(key)=")
    }
}

/// When a value of the settings file counts.
package struct SettingEffect: OpenName {
    package let rawValue: String

    package init(rawValue: String) { self.rawValue = rawValue }

    /// It counts from now on.
    package static let applied = SettingEffect(rawValue: "applied")
    /// The generation has it that the upgrade begins, and each after it.
    package static let generation = SettingEffect(rawValue: "generation")
    /// An upgrade by the settings brings it: this one was asked for something else.
    package static let upgrade = SettingEffect(rawValue: "upgrade")
    /// It takes a restart of the supervisor.
    package static let restart = SettingEffect(rawValue: "restart")
    /// It takes a stop and a start.
    package static let stop = SettingEffect(rawValue: "stop")
}
