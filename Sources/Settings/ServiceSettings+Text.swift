extension ServiceSettings {
    /// Reads a settings file and its drop-ins, in this order, into checked settings.
    ///
    /// A later source wins; its [Listener] amends the earlier one of the same name or address, and
    /// removes it if it empties the address.
    package static func parse(
        _ sources: [SettingsSource], inheritsSockets: Bool = false
    ) throws(SettingsErrors) -> ServiceSettings {
        try SettingsDraft(reading: sources).finished(inheritsSockets: inheritsSockets)
    }

    /// Reads one settings text without drop-ins.
    package static func parse(
        _ text: String, file: String, inheritsSockets: Bool = false
    ) throws(SettingsErrors) -> ServiceSettings {
        try parse([SettingsSource(file: file, text: text)], inheritsSockets: inheritsSockets)
    }

    /// What is not at its default, a line each, but for the name and what is started; of Environment= the names
    /// alone, for values may be secret.
    package var notable: [String] {
        let plain = ServiceSettings()
        return ServiceSettings.keys.flatMap { key -> [String] in
            let values = key.values(self)
            guard Self.isNotable(key.name), values != key.values(plain)
            else { return [] }
            if key.name == "Environment" {
                return ["Environment=\(environment.keys.sorted().joined(separator: " "))"]
            }
            return values.map { "\(key.name)=\($0)" }
        }
    }

    /// What `notable` has told of, the rest as in other settings: of what it leaves out nothing is known.
    package init(notable lines: [String], rest: ServiceSettings) {
        self = rest
        for key in ServiceSettings.keys where Self.isNotable(key.name) {
            guard key.name != "Environment" else { continue }
            key.reset(&self)
            for line in lines where line.hasPrefix("\(key.name)=") {
                try? key.set(&self, String(line.dropFirst(key.name.count + 1)))
            }
        }
    }

    private static func isNotable(_ key: String) -> Bool {
        !["Name", "Command", "Release", "Workers"].contains(key)
    }

    /// Settings text that `parse` reads back as an equal value; every default is written out.
    package func render() -> String {
        var lines = ["[Service]"]
        for key in ServiceSettings.keys {
            lines += key.values(self).map { "\(key.name)=\($0)" }
        }
        for listener in listeners {
            lines += ["", "[Listener]"]
            for key in ListenerDraft.keys {
                lines += key.values(ListenerDraft(listener)).map { "\(key.name)=\($0)" }
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
