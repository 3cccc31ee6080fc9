extension SettingsDraft {
    /// Puts what was given on the command line over what a file said.
    ///
    /// - Parameter given: the values of each option that was given, by its name without the dashes.
    package mutating func apply(_ given: [String: [String]]) throws(ValueError) {
        for setting in Setting.options { try apply(setting, given) }
    }

    private mutating func apply(
        _ setting: Setting, _ given: [String: [String]]
    ) throws(ValueError) {
        guard let option = setting.option, let values = given[option.name] else { return }
        do throws(ValueError) {
            for value in values.map(option.line) {
                switch setting.section {
                case .service: try set(setting.name, to: value)
                case .listener where setting.isAddress: try addListener(value)
                case .listener:
                    let adopts =
                        self.adopts || ServiceSettings.option(\.adopt).flatMap { given[$0] } != nil
                    if adopts, Setting.of(.service, "Adopt\(setting.name)") != nil {
                        try set("Adopt\(setting.name)", to: value)
                    }
                    // Where no listener is of its transport, the whole is refused with a reason.
                    let transport = option.transport.flatMap { hasListener($0) ? $0 : nil }
                    try setListeners(setting.name, to: value, of: transport)
                }
            }
        } catch {
            throw ValueError("--\(option.name): \(error)")
        }
    }
}
