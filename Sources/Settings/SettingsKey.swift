/// What a settings section fills in; a fresh one holds the defaults.
protocol SettingsTarget: SendableMetatype {
    init()
}

/// One key of a section, declared once: how a value is read, reset and written down again, what
/// people are told of it, and its option of `relevo run`.
struct SettingsKey<Target: SettingsTarget>: Sendable {
    let name: String
    let path: any PartialKeyPath<Target> & Sendable
    /// Reads one value into the target; a list key adds to what is there.
    let set: @Sendable (inout Target, String) throws(ValueError) -> Void
    /// Puts the default back, as an empty value asks.
    let reset: @Sendable (inout Target) -> Void
    /// The values, a line each, that make the target what it is.
    let values: @Sendable (Target) -> [String]
    /// What it is, in one sentence without its full stop.
    private(set) var summary = ""
    /// What else there is to say, in whole sentences.
    private(set) var details = ""
    private(set) var option: SettingOption?
    private(set) var takesEffect: Setting.Moment?

    /// Explains the key.
    func about(_ summary: String, _ details: String = "") -> SettingsKey {
        var key = self
        key.summary = summary
        key.details = details
        return key
    }

    /// Gives the key an option of `relevo run`.
    func option(_ option: SettingOption) -> SettingsKey {
        var key = self
        key.option = option.named(after: name)
        return key
    }

    /// Says when a change takes effect, where it is not as for the rest of the section.
    func takesEffect(_ moment: Setting.Moment) -> SettingsKey {
        var key = self
        key.takesEffect = moment
        return key
    }

    /// Does what a line `name=value` says.
    func assign(_ value: String, to target: inout Target) throws(ValueError) {
        if value.isEmpty { reset(&target) } else { try set(&target, value) }
    }
}

extension SettingsKey {
    /// A key that takes a value, or adds it to those that are there.
    static func list<Value>(
        _ name: String, _ path: any WritableKeyPath<Target, Value> & Sendable,
        add: @escaping @Sendable (inout Value, String) throws(ValueError) -> Void,
        write: @escaping @Sendable (Value) -> [String]
    ) -> SettingsKey {
        SettingsKey(
            name: name, path: path,
            set: { (target, text) throws(ValueError) in try add(&target[keyPath: path], text) },
            reset: { $0[keyPath: path] = Target()[keyPath: path] },
            values: { write($0[keyPath: path]) })
    }

    static func one<Value>(
        _ name: String, _ path: any WritableKeyPath<Target, Value> & Sendable,
        read: @escaping @Sendable (String) throws(ValueError) -> Value,
        write: @escaping @Sendable (Value) -> String
    ) -> SettingsKey {
        list(
            name, path, add: { (value, text) throws(ValueError) in value = try read(text) },
            write: { [write($0)] })
    }

    static func optional<Value>(
        _ name: String, _ path: any WritableKeyPath<Target, Value?> & Sendable,
        read: @escaping @Sendable (String) throws(ValueError) -> Value,
        write: @escaping @Sendable (Value) -> String
    ) -> SettingsKey {
        list(
            name, path, add: { (value, text) throws(ValueError) in value = try read(text) },
            write: { $0.map { [write($0)] } ?? [] })
    }

    static func number(
        _ name: String, _ path: any WritableKeyPath<Target, Int> & Sendable,
        in range: ClosedRange<Int>
    ) -> SettingsKey {
        one(
            name, path,
            read: { (text) throws(ValueError) in try Number.whole(text, in: range) },
            write: { "\($0)" })
    }

    static func number(
        _ name: String, _ path: any WritableKeyPath<Target, Int?> & Sendable,
        in range: ClosedRange<Int>
    ) -> SettingsKey {
        optional(
            name, path,
            read: { (text) throws(ValueError) in try Number.whole(text, in: range) },
            write: { "\($0)" })
    }

    static func flag(
        _ name: String, _ path: any WritableKeyPath<Target, Bool> & Sendable
    ) -> SettingsKey {
        one(name, path, read: Number.yesOrNo, write: { $0 ? "yes" : "no" })
    }

    static func time(
        _ name: String, _ path: any WritableKeyPath<Target, Duration> & Sendable,
        zeroAllowed: Bool
    ) -> SettingsKey {
        one(
            name, path,
            read: { (text) throws(ValueError) in
                try zeroAllowed ? Duration.parse(text) : Duration.parsePositive(text)
            },
            write: { $0.settingsText })
    }
}

extension Duration {
    package static func parsePositive(_ text: String) throws(ValueError) -> Duration {
        let duration = try parse(text)
        guard duration > .zero else { throw ValueError("a duration of 0 is not allowed here") }
        return duration
    }
}
