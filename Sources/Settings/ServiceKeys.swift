extension ServiceSettings: SettingsTarget {
    /// Every key of [Service], in the order it is written down.
    static let keys =
        programKeys + lifeKeys.map { $0.takesEffect(.reload) } + [watchdogKey] + surroundingKeys

    /// What runs, and which sockets it gets.
    private static let programKeys: [SettingsKey<ServiceSettings>] = [
        .one("Name", \.name, read: Identifier.serviceName, write: { $0 })
            .about(
                "The service's name, by which relevo commands find it",
                "Unless set, the base name of the command."
            )
            .option(.value("name", unset: "base name of the command")),
        .list(
            "Command", \.command,
            add: { (words, text) throws(ValueError) in words = try Words.split(text) },
            write: { $0.isEmpty ? [] : [Words.join($0)] }
        )
        .about(
            "The server and its arguments, quoted as in systemd units",
            """
            There is no shell and there are no variables. {fd}, {fd:NAME}, {generation}, {worker}, \
            {serverid} and {release} are replaced in the arguments.
            """
        )
        .takesEffect(.reload),
        .optional(
            "Release", \.release, read: Identifier.onePath, write: { Words.join([$0]) }
        )
        .about(
            "The folder that {release} in the command stands for",
            """
            For programs that are many files: each generation has a folder of its own. Symbolic links are followed \
            when the settings are read, so that one called current may lead elsewhere later. relevo upgrade \
            --release names another one.
            """
        )
        .option(.folder(unset: "none"))
        .takesEffect(.reload),
        .number("Workers", \.workers, in: 1...SlotLimits.mostWorkers)
            .about("Processes in each generation")
            .option(.value("n"))
            .takesEffect(.reload),
        .number("SocketsPerWorker", \.socketsPerWorker, in: 1...256)
            .about(
                "Sockets of each listener for each worker", "One for each thread, for example."
            )
            .option(.value("n")),
        .flag("Intercept", \.intercept)
            .about(
                "Whether a worker that binds a listener's address itself gets the supervisor's socket",
                "no: its bind makes a socket of its own, as without a supervisor."
            )
            .option(
                .flag(
                    "no", named: "no-intercept",
                    "Leave the server's own bind(2) to the kernel: else it gets the supervisor's sockets"
                )),
        .list(
            "Adopt", \.adopt,
            add: { (rules, text) throws(ValueError) in
                for word in try Words.split(text) {
                    let rule = try AdoptRule.parse(word)
                    if !rules.contains(rule) { rules.append(rule) }
                }
            },
            write: { $0.isEmpty ? [] : [Words.join($0.map(\.text))] }
        )
        .about(
            """
            What becomes a listener when a worker binds it while it starts: udp:53, udp:*, tcp:443, \
            or auto for all that it serves
            """,
            "Other addresses at a listener's port always do."
        )
        .option(.words("rule")),
        .optional(
            "AdoptSteering", \.adoptSteering, read: SteeringChoice.parse, write: { $0.rawValue }
        )
        .about("Steering= of listeners that come by Adopt="),
        .optional(
            "AdoptIdleTimeout", \.adoptIdleTimeout, read: Duration.parsePositive,
            write: { $0.settingsText }
        )
        .about("IdleTimeout= of listeners that come by Adopt="),
        .number("AdoptMaxFlows", \.adoptMaxFlows, in: 1...(1 << 26))
            .about("MaxFlows= of listeners that come by Adopt="),
        .optional("JoinPolicy", \.joinPolicy, read: JoinPolicy.parse, write: { $0.rawValue })
            .about(
                "Lets workers join that others start (relevo join): newest or manual",
                """
                newest: a new generation of them is current once it is ready. manual: once relevo \
                upgrade asks for it. With it Command= may be left out: then all workers join. Unless \
                set, none may.
                """
            )
            .option(.choice("policy", JoinPolicy.allCases.map(\.rawValue), unset: "none may")),
    ]
}
