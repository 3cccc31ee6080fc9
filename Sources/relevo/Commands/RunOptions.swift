import ArgumentParser
import Settings

/// The options of `relevo run`: one for each setting that declares one, see `Setting.options`.
///
/// ArgumentParser asks a fresh value's mirror which options there are, and then decodes them by the
/// mirror's labels; so a type that mirrors and decodes a table has the options of the table.
struct RunOptions: ParsableArguments, CustomReflectable {
    /// What was given, by the option's name.
    private var given: [String: [String]] = [:]

    init() {}

    init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: Key.self)
        for option in Setting.options.compactMap(\.option) {
            let key = Key(stringValue: option.name)
            switch option.form {
            case .value, .word:
                let value = try values.decode(Option<String?>.self, forKey: key).wrappedValue
                given[option.name] = value.map { [$0] }
            case .values, .words:
                let list = try values.decode(Option<[String]>.self, forKey: key).wrappedValue
                given[option.name] = list.isEmpty ? nil : list
            case .flag(let value):
                let isGiven = try values.decode(Flag<Bool>.self, forKey: key).wrappedValue
                given[option.name] = isGiven ? [value] : nil
            }
        }
    }

    var customMirror: Mirror {
        Mirror(
            self,
            children: Setting.options.compactMap { setting in
                setting.option.map { ($0.name, Self.definition($0, setting.optionHelp)) }
            })
    }

    private static func definition(_ option: SettingOption, _ text: String) -> Any {
        let name = NameSpecification.customLong(option.name)
        let help = ArgumentHelp(
            "\(text)", valueName: option.valueName.isEmpty ? nil : option.valueName)
        let completion: CompletionKind =
            switch option.completion {
            case .nothing: .default
            case .folders: .directory
            case .words(let words): .list(words)
            }
        return switch option.form {
        case .value, .word:
            Option<String?>(wrappedValue: nil, name: name, help: help, completion: completion)
        case .values, .words:
            Option<[String]>(wrappedValue: [], name: name, help: help, completion: completion)
        case .flag: Flag<Bool>(wrappedValue: false, name: name, help: help)
        }
    }

    /// The name of an option.
    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}

extension RunOptions {
    /// What was given for a property of the settings; nil where nothing was.
    subscript(_ path: PartialKeyPath<ServiceSettings>) -> String? {
        get { ServiceSettings.option(path).flatMap { given[$0]?.last } }
        set { ServiceSettings.option(path).map { given[$0] = newValue.map { [$0] } } }
    }

    /// Whether addresses to listen on were given.
    var listens: Bool { given["listen"] != nil }

    /// Takes this value unless one was given.
    mutating func set(_ option: String, unlessGiven value: String) {
        if given[option] == nil { given[option] = [value] }
    }

    /// Puts what was given on the command line over what a file said.
    func apply(to draft: inout SettingsDraft) throws(Failure) {
        do throws(ValueError) {
            try draft.apply(given)
        } catch {
            throw Failure(.usage, "\(error)")
        }
    }
}
