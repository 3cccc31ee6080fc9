import Settings

/// What `relevo check-settings --json` prints.
enum SettingsObjects {
    /// What came of a file.
    struct Checked: Encodable {
        struct Mistake: Encodable {
            let file: String
            let line: Int
            let message: String
        }

        let file: String
        let good: Bool
        var service: String?
        var workers: Int?
        /// Addresses.
        var listeners: [String] = []
        /// With --print: the settings as they come out.
        var settings: String?
        var mistakes: [Mistake] = []

        init(_ file: String, _ settings: ServiceSettings, prints: Bool) {
            self.file = file
            good = true
            service = settings.name
            workers = settings.workers
            listeners = settings.listeners.map(\.address.description)
            if prints { self.settings = settings.render() }
        }

        init(_ file: String, _ errors: SettingsErrors) {
            self.file = file
            good = false
            mistakes = errors.errors.map {
                Mistake(file: $0.file, line: $0.line, message: $0.message)
            }
        }
    }

    /// Every key there is.
    struct Keys: Encodable {
        struct Key: Encodable {
            let section: String
            let name: String
            /// As it would be written.
            let `default`: String?
            let help: String
            /// Of relevo run, without its dashes.
            let option: String?
            /// When a change of the file counts: at a reload, a restart of the supervisor, or a stop and start.
            let takesEffect: String
        }

        let keys = Setting.all.map {
            Key(
                section: $0.section.rawValue, name: $0.name, default: $0.defaultValue,
                help: $0.help, option: $0.option?.name, takesEffect: "\($0.takesEffect)")
        }
    }
}
