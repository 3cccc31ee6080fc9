extension ServiceSettings: SettingsTarget {
    /// Every key of [Service], in the order it is written down.
    static let keys: [SettingsKey<ServiceSettings>] = [
        .one("Name", \.name, read: Identifier.serviceName, write: { $0 }),
        SettingsKey(
            name: "Command",
            set: { (settings, text) throws(ValueError) in
                settings.command = try Words.split(text)
            },
            reset: { $0.command = [] },
            values: { $0.command.isEmpty ? [] : [Words.join($0.command)] }),
        .number("Workers", \.workers, in: 1...SlotLimits.mostWorkers),
        .number("SocketsPerWorker", \.socketsPerWorker, in: 1...256),
        .flag("Intercept", \.intercept),
        SettingsKey(
            name: "Adopt",
            set: { (settings, text) throws(ValueError) in
                for word in try Words.split(text) {
                    let rule = try AdoptRule.parse(word)
                    if !settings.adopt.contains(rule) { settings.adopt.append(rule) }
                }
            },
            reset: { $0.adopt = [] },
            values: { $0.adopt.isEmpty ? [] : [Words.join($0.adopt.map(\.text))] }),
        .optional(
            "AdoptSteering", \.adoptSteering, read: SteeringChoice.parse, write: { $0.rawValue }),
        .optional(
            "AdoptIdleTimeout", \.adoptIdleTimeout, read: Duration.parsePositive,
            write: { $0.settingsText }),
        .optional(
            "AdoptMaxFlows", \.adoptMaxFlows,
            read: { (text) throws(ValueError) in try Number.whole(text, in: 1...(1 << 26)) },
            write: { "\($0)" }),
        .optional(
            "JoinPolicy", \.joinPolicy, read: JoinPolicy.parse, write: { $0.rawValue }),
        .one("Ready", \.ready, read: ReadyRule.parse, write: { $0.text }),
        .time("ReadyTimeout", \.readyTimeout, zeroAllowed: false),
        .flag("Overlap", \.overlap),
        .one("DrainTimeout", \.drainTimeout, read: TimeLimit.parse, write: { $0.text }),
        .one(
            "DrainWaitsFor", \.drainWaitsFor,
            read: { (text) throws(ValueError) in
                var kinds: Set<DrainKind> = []
                for word in text.split(whereSeparator: { $0.isWhitespace || $0 == "," }) {
                    kinds.insert(try DrainKind.parse(String(word)))
                }
                guard !kinds.isEmpty else { return try [DrainKind.parse("")] }
                return kinds
            },
            write: { kinds in
                Words.join(DrainKind.allCases.filter(kinds.contains).map(\.rawValue))
            }),
        .time("Linger", \.linger, zeroAllowed: true),
        .one(
            "StopSignal", \.stopSignal, read: SignalName.parse, write: { $0.description }),
        .time("StopTimeout", \.stopTimeout, zeroAllowed: true),
        .optional(
            "DrainSignal", \.drainSignal, read: SignalName.parse, write: { $0.description }),
        .optional("User", \.user, read: Identifier.account, write: { $0 }),
        .optional("Group", \.group, read: Identifier.account, write: { $0 }),
        .optional("ControlGroup", \.controlGroup, read: Identifier.account, write: { $0 }),
        SettingsKey(
            name: "EnvironmentStyle",
            set: { (settings, text) throws(ValueError) in
                for word in try Words.split(text) {
                    guard let style = try EnvironmentConvention.parse(word) else { continue }
                    settings.environmentStyles.insert(style)
                }
            },
            reset: { $0.environmentStyles = [] },
            values: { $0.environmentStyles.map(\.rawValue).sorted() }),
        .flag("NonBlocking", \.nonBlocking),
        .optional(
            "Watchdog", \.watchdog, read: Duration.parsePositive, write: { $0.settingsText }),
        SettingsKey(
            name: "Private",
            set: { (settings, text) throws(ValueError) in
                for word in try Words.split(text) {
                    let path = try Identifier.path(word)
                    if !settings.privatePaths.contains(path) { settings.privatePaths.append(path) }
                }
            },
            reset: { $0.privatePaths = [] },
            values: { $0.privatePaths.map { Words.join([$0]) } }),
        .optional(
            "WorkingDirectory", \.workingDirectory, read: Identifier.onePath,
            write: { Words.join([$0]) }),
        SettingsKey(
            name: "Environment",
            set: { (settings, text) throws(ValueError) in
                for word in try Words.split(text) {
                    let (name, value) = try Identifier.variable(word)
                    settings.environment[name] = value
                }
            },
            reset: { $0.environment = [:] },
            values: { settings in
                settings.environment.sorted { $0.key < $1.key }
                    .map { Words.join(["\($0.key)=\($0.value)"]) }
            }),
    ]
}
