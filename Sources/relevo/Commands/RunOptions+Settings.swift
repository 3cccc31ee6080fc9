import Settings

extension RunOptions {
    /// Puts what was given on the command line over what a file said.
    func apply(to draft: inout SettingsDraft) throws(Failure) {
        for address in listen {
            do throws(ValueError) {
                try draft.addListener(address)
            } catch {
                throw Failure(.usage, "--listen: \(error)")
            }
        }
        for (option, key, value) in single {
            guard let value else { continue }
            try set(option, &draft) { (draft) throws(ValueError) in try draft.set(key, to: value) }
        }
        for (option, key, values) in repeated {
            for value in values {
                try set(option, &draft) { (draft) throws(ValueError) in
                    // One value, whatever characters it has.
                    try draft.set(key, to: Words.join([value]))
                }
            }
        }
        try applyToListeners(&draft)
    }

    private var single: [(option: String, key: String, value: String?)] {
        [
            ("--name", "Name", name), ("--workers", "Workers", workers),
            ("--sockets-per-worker", "SocketsPerWorker", socketsPerWorker),
            ("--join-policy", "JoinPolicy", joinPolicy), ("--ready", "Ready", ready),
            ("--ready-timeout", "ReadyTimeout", readyTimeout),
            ("--overlap", "Overlap", overlap), ("--drain-timeout", "DrainTimeout", drainTimeout),
            ("--drain-waits-for", "DrainWaitsFor", drainWaitsFor), ("--linger", "Linger", linger),
            ("--stop-signal", "StopSignal", stopSignal),
            ("--stop-timeout", "StopTimeout", stopTimeout),
            ("--drain-signal", "DrainSignal", drainSignal), ("--user", "User", user),
            ("--group", "Group", group), ("--control-group", "ControlGroup", controlGroup),
            ("--watchdog", "Watchdog", watchdog),
            ("--non-blocking", "NonBlocking", nonBlocking ? "yes" : nil),
            ("--no-intercept", "Intercept", noIntercept ? "no" : nil),
        ]
    }

    private var repeated: [(option: String, key: String, values: [String])] {
        [
            ("--private", "Private", `private`), ("--adopt", "Adopt", adopt),
            ("--environment", "Environment", environment),
            ("--environment-style", "EnvironmentStyle", environmentStyle),
            ("--working-directory", "WorkingDirectory", workingDirectory.map { [$0] } ?? []),
        ]
    }

    private func applyToListeners(_ draft: inout SettingsDraft) throws(Failure) {
        let options = [
            ("--steering", "Steering", steering), ("--idle-timeout", "IdleTimeout", idleTimeout),
            ("--max-flows", "MaxFlows", maxFlows),
        ]
        for (option, key, value) in options {
            guard let value else { continue }
            if !adopt.isEmpty {
                try set(option, &draft) { (draft) throws(ValueError) in
                    try draft.set("Adopt\(key)", to: value)
                }
            }
            // TCP has one way of steering and no flows to remember.
            let transport = draft.hasListener(.udp) ? Transport.udp : nil
            try set(option, &draft) { (draft) throws(ValueError) in
                try draft.setListeners(key, to: value, of: transport)
            }
        }
        if let backlog {
            let transport = draft.hasListener(.tcp) ? Transport.tcp : nil
            try set("--backlog", &draft) { (draft) throws(ValueError) in
                try draft.setListeners("Backlog", to: backlog, of: transport)
            }
        }
        if let receiveBuffer {
            try set("--receive-buffer", &draft) { (draft) throws(ValueError) in
                try draft.setListeners("ReceiveBuffer", to: receiveBuffer)
            }
        }
    }

    private func set(
        _ option: String, _ draft: inout SettingsDraft,
        _ body: (inout SettingsDraft) throws(ValueError) -> Void
    ) throws(Failure) {
        do throws(ValueError) {
            try body(&draft)
        } catch {
            throw Failure(.usage, "\(option): \(error)")
        }
    }
}
