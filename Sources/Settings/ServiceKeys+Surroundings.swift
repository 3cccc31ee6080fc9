extension ServiceSettings {
    /// As whom and where the workers run, and what they are told.
    static let surroundingKeys: [SettingsKey<ServiceSettings>] = [
        .optional("User", \.user, read: Identifier.account, write: { $0 })
            .about(
                "The workers' user",
                """
                Unless set, the supervisor's. Under systemd set User= of the unit instead, which \
                needs no privilege.
                """
            )
            .option(.value("user", unset: "unchanged")),
        .optional("Group", \.group, read: Identifier.account, write: { $0 })
            .about("The workers' group", "Unless set, the supervisor's.")
            .option(.value("group", unset: "unchanged")),
        .optional("ControlGroup", \.controlGroup, read: Identifier.account, write: { $0 })
            .about(
                "A group whose members may use the control socket, besides its owner and root",
                "What they may do there, ControlGroupMay= says."
            )
            .option(.value("group")),
        .one("ControlGroupMay", \.controlGroupMay, read: ControlRight.parse, write: \.rawValue)
            .about(
                "What the members of ControlGroup= may do: look, operate or command",
                """
                look: see the status and follow events. operate: also upgrade, roll back, restart, \
                drain and stop, with the programs that the owner has named, and join as workers \
                where JoinPolicy= is set. command: also have the service run another command, \
                which means any program as the workers' user; that is root where neither User= nor \
                the unit names one.
                """
            )
            .option(.choice("right", ControlRight.allCases.map(\.rawValue))),
        .list(
            "EnvironmentStyle", \.environmentStyles,
            add: { (styles, text) throws(ValueError) in
                for word in try Words.split(text) {
                    guard let style = try EnvironmentConvention.parse(word) else { continue }
                    styles.insert(style)
                }
            },
            write: { $0.map(\.rawValue).sorted() }
        )
        .about(
            "How else than by LISTEN_FDS a worker is told of its sockets: nginx or server-starter",
            "nginx: NGINX=3;4; and server-starter: SERVER_STARTER_PORT=. Both may be given."
        )
        .option(.words("style", .words(EnvironmentConvention.allCases.map(\.rawValue)))),
        .flag("NonBlocking", \.nonBlocking)
            .about("yes: the workers get non-blocking sockets")
            .option(.flag("yes", "Give the workers non-blocking sockets")),
        .list(
            "Private", \.privatePaths,
            add: { (paths, text) throws(ValueError) in
                for word in try Words.split(text) {
                    let path = try Identifier.path(word)
                    if !paths.contains(path) { paths.append(path) }
                }
            },
            write: { $0.map { Words.join([$0]) } }
        )
        .about(
            "A folder of which each generation sees an empty one of its own",
            "It is for PID files and locks. Needs CAP_SYS_ADMIN. Several may be given."
        )
        .option(.words("path", .folders)),
        .optional(
            "WorkingDirectory", \.workingDirectory, read: Identifier.onePath,
            write: { Words.join([$0]) }
        )
        .about("The workers' working directory")
        .option(.folder(unset: "unchanged")),
        .list(
            "Environment", \.environment,
            add: { (environment, text) throws(ValueError) in
                for word in try Words.split(text) {
                    let (name, value) = try Identifier.variable(word)
                    environment[name] = value
                }
            },
            write: { environment in
                environment.sorted { $0.key < $1.key }
                    .map { Words.join(["\($0.key)=\($0.value)"]) }
            }
        )
        .about("KEY=value words added to the workers' environment", "Repeated lines add.")
        .option(.words("key=value")),
        .one("LogFormat", \.logFormat, read: LogFormat.parse, write: \.rawValue)
            .about(
                "What the supervisor and the workers' lines look like where no journal reads them: text or json",
                """
                json: one object a line, on standard error; a worker's lines stay on the output that they came \
                by. The journal gets the same facts as fields either way.
                """
            )
            .option(.choice("format", LogFormat.allCases.map(\.rawValue))),
        .list(
            "Hook", \.hooks,
            add: { (hooks, text) throws(ValueError) in
                let hook = try Hook.parse(text)
                guard hooks.count < mostHooks else {
                    throw ValueError("\(mostHooks) hooks are the most that a service may have")
                }
                if !hooks.contains(hook) { hooks.append(hook) }
            },
            write: { $0.map(\.text) }
        )
        .about(
            "A command to run when something has happened: ready, flipped, drained, failed or rolledback, and the command",
            """
            It runs as the workers' user, without their sockets, one after the other, for HookTimeout= each at most; no \
            handover waits for it. RELEVO_HOOK, RELEVO_SERVICE, RELEVO_HANDOVER, RELEVO_GENERATION, RELEVO_CURRENT, RELEVO_FROM, \
            RELEVO_CAUSE, RELEVO_REASON, RELEVO_RESULT, RELEVO_MESSAGE and RELEVO_UID tell it what has happened. \
            Repeated lines add.
            """
        )
        .takesEffect(.reload)
        .option(
            .values(
                "occasion command", named: "hook",
                "Run a command once a generation is ready, flipped, drained, failed or rolledback")),
        .time("HookTimeout", \.hookTimeout, zeroAllowed: false)
            .about("The time that a hook has to end", "Then it is killed.")
            .takesEffect(.reload)
            .option(.value("time")),
    ]

    /// As many are more than anybody needs; each waits for those before it.
    private static let mostHooks = 32
}
