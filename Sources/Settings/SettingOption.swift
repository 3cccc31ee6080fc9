/// How a setting is said on the command line of `relevo run`.
package struct SettingOption: Sendable {
    /// What stands behind the option's name.
    package enum Form: Sendable {
        /// A value as in the file.
        case value
        /// One word, whatever characters it has.
        case word
        /// Such a value; the option may be repeated.
        case values
        /// Such a word; the option may be repeated.
        case words
        /// Nothing; the option sets this value.
        case flag(String)
    }

    /// What a shell offers as a value.
    package enum Completion: Sendable {
        case nothing
        case folders
        case words([String])
    }

    /// Without the dashes; the key's name in lower case unless it says another.
    package private(set) var name: String
    package let form: Form
    /// What a value is called in help.
    package let valueName: String
    package let completion: Completion
    /// What is so while nobody sets it, where that is no value.
    let unset: String?
    /// In place of the key's summary.
    let summary: String?
    /// The listeners that it is for, where it is not for all.
    let transport: Transport?

    static func value(
        _ valueName: String, unset: String? = nil, for transport: Transport? = nil
    ) -> SettingOption {
        SettingOption(.value, valueName, unset: unset, for: transport)
    }

    /// A value that is one of these.
    static func choice(
        _ valueName: String, _ words: [String], unset: String? = nil,
        for transport: Transport? = nil
    ) -> SettingOption {
        SettingOption(.value, valueName, .words(words), unset: unset, for: transport)
    }

    static func values(
        _ valueName: String, named name: String, _ summary: String
    ) -> SettingOption {
        SettingOption(.values, valueName, named: name, summary)
    }

    static func words(
        _ valueName: String, _ completion: Completion = .nothing
    ) -> SettingOption {
        SettingOption(.words, valueName, completion)
    }

    static func folder(unset: String) -> SettingOption {
        SettingOption(.word, "path", .folders, unset: unset)
    }

    /// A switch that sets this value.
    static func flag(
        _ value: String, named name: String = "", _ summary: String
    ) -> SettingOption {
        SettingOption(.flag(value), "", named: name, summary)
    }

    private init(
        _ form: Form, _ valueName: String, _ completion: Completion = .nothing,
        named name: String = "", _ summary: String? = nil, unset: String? = nil,
        for transport: Transport? = nil
    ) {
        self.name = name
        self.form = form
        self.valueName = valueName
        self.completion = completion
        self.unset = unset
        self.summary = summary
        self.transport = transport
    }

    /// This option, called as the key unless it has a name.
    func named(after key: String) -> SettingOption {
        guard name.isEmpty else { return self }
        var option = self
        for scalar in key.unicodeScalars {
            if ("A"..."Z").contains(scalar), !option.name.isEmpty { option.name += "-" }
            option.name += String(scalar).lowercased()
        }
        return option
    }

    var isRepeatable: Bool {
        switch form {
        case .values, .words: true
        case .value, .word, .flag: false
        }
    }

    /// The value as a line of the file has it.
    func line(_ value: String) -> String {
        switch form {
        case .word, .words: Words.join([value])
        case .value, .values, .flag: value
        }
    }
}
