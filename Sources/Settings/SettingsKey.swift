/// What a settings section fills in; a fresh one holds the defaults.
protocol SettingsTarget: SendableMetatype {
    init()
}

/// One key of a section: how a value is set, reset and written down again.
struct SettingsKey<Target: SettingsTarget>: Sendable {
    let name: String
    /// Reads one value into the target; a list key adds to what is there.
    let set: @Sendable (inout Target, String) throws(ValueError) -> Void
    /// Puts the default back, as an empty value asks.
    let reset: @Sendable (inout Target) -> Void
    /// The values, a line each, that make the target what it is.
    let values: @Sendable (Target) -> [String]

    /// Does what a line `name=value` says.
    func assign(_ value: String, to target: inout Target) throws(ValueError) {
        if value.isEmpty { reset(&target) } else { try set(&target, value) }
    }

    static func one<Value>(
        _ name: String, _ path: any WritableKeyPath<Target, Value> & Sendable,
        read: @escaping @Sendable (String) throws(ValueError) -> Value,
        write: @escaping @Sendable (Value) -> String
    ) -> SettingsKey {
        SettingsKey(
            name: name,
            set: { (target, text) throws(ValueError) in target[keyPath: path] = try read(text) },
            reset: { $0[keyPath: path] = Target()[keyPath: path] },
            values: { [write($0[keyPath: path])] })
    }

    static func optional<Value>(
        _ name: String, _ path: any WritableKeyPath<Target, Value?> & Sendable,
        read: @escaping @Sendable (String) throws(ValueError) -> Value,
        write: @escaping @Sendable (Value) -> String
    ) -> SettingsKey {
        SettingsKey(
            name: name,
            set: { (target, text) throws(ValueError) in target[keyPath: path] = try read(text) },
            reset: { $0[keyPath: path] = Target()[keyPath: path] },
            values: { $0[keyPath: path].map { [write($0)] } ?? [] })
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

    static func flag(
        _ name: String, _ path: any WritableKeyPath<Target, Bool> & Sendable
    ) -> SettingsKey {
        one(
            name, path, read: { (text) throws(ValueError) in try Number.yesOrNo(text) },
            write: { $0 ? "yes" : "no" })
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
    static func parsePositive(_ text: String) throws(ValueError) -> Duration {
        let duration = try parse(text)
        guard duration > .zero else { throw ValueError("a duration of 0 is not allowed here") }
        return duration
    }
}
