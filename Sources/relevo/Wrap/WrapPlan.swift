import Kernel
import Settings

/// What wrapping a unit comes to: the files, what its administrator should know, or why it cannot be.
struct WrapPlan {
    let unit: String
    let service: String
    private(set) var files: [InitPlan.File] = []
    private(set) var notes: [String] = []
    /// Each with what to do instead.
    private(set) var refusals: [String] = []
    private(set) var known: KnownServer?

    /// - Parameters:
    ///   - command: in the place of the unit's own; empty for that.
    ///   - program: the path of this program.
    init(
        _ unit: InstalledUnit, options: RunOptions, command given: [String], program: String
    ) throws(Failure) {
        self.unit = unit.name
        service = unit.service
        refusals = WrapRefusal.reasons(unit)
        guard refusals.isEmpty, let command = try wrappedCommand(unit, given) else { return }
        let settings = try settings(unit, options, command)
        let place = WrapPlace(unit.name)
        let text = Self.text(settings, unit.name, place)
        let dropIn = WrapDropIn(
            unit, settings, command: command, given: given, known: known, program: program,
            settingsPath: place.settings, sum: WrapPlace.sumLine(text.utf8))
        notes += dropIn.notes + (known?.notes ?? [])
        files = [
            InitPlan.File(path: place.settings, text: text),
            InitPlan.File(path: place.dropIn, text: dropIn.text),
        ]
    }

    /// The command that stays in the foreground; nil where there is a reason against it.
    private mutating func wrappedCommand(
        _ unit: InstalledUnit, _ given: [String]
    ) throws(Failure) -> UnitCommand? {
        let starts = unit.file.values(of: "ExecStart")
        guard let text = starts.first, starts.count == 1 else {
            refusals.append(
                "it has \(starts.count) commands (ExecStart=): a service has one. Put the others into "
                    + "ExecStartPre=")
            return nil
        }
        var command: UnitCommand
        do throws(ValueError) {
            command = try UnitCommand(parsing: text)
        } catch {
            refusals.append(
                "its ExecStart= cannot be read: \(error). Give the command after --: relevo wrap "
                    + "\(service) -- COMMAND")
            return nil
        }
        known = KnownServer.of(command.words)
        if let reason = known?.refusal {
            refusals.append(reason)
            return nil
        }
        if !given.isEmpty {
            command.words = given
        } else if let known {
            command.words = known.inForeground(command.words)
        } else if unit.properties["Type"] == "forking" {
            refusals.append(
                "its server goes into the background (Type=forking), and the option that keeps "
                    + "\(command.words[0]) in the foreground is not known. Give the whole command with that "
                    + "option after --: relevo wrap \(service) -- \(command.words[0]) OPTION …")
            return nil
        }
        return command
    }

    private func settings(
        _ unit: InstalledUnit, _ options: RunOptions, _ command: UnitCommand
    ) throws(Failure) -> ServiceSettings {
        var draft = SettingsDraft()
        var options = options
        // The unit's own say as whom it runs.
        (options[\.user], options[\.group]) = (nil, nil)
        let takesSockets = !unit.listens.isEmpty
        do throws(ValueError) {
            try draft.set("Name", to: service)
            if !options.listens, !takesSockets, options[\.adopt] == nil {
                try draft.set("Adopt", to: "auto")
            }
            for line in known?.settings ?? [] { try draft.set(line.key, to: line.value) }
            if let limit = unit.time("TimeoutStartUSec"), limit > .seconds(90) {
                try draft.set("ReadyTimeout", to: "\(limit.components.seconds)s")
            }
            if let limit = unit.time("WatchdogUSec") {
                try draft.set("Watchdog", to: "\(limit.components.seconds)s")
            }
        } catch {
            throw Failure(.usage, "\(error)")
        }
        try options.apply(to: &draft)
        draft.setCommand(command.words)
        do throws(SettingsErrors) {
            return try draft.finished(inheritsSockets: takesSockets)
        } catch {
            throw Failure(error, .usage)
        }
    }

    private static func text(
        _ settings: ServiceSettings, _ unit: String, _ place: WrapPlace
    ) -> String {
        var settings = settings
        // It has variables of the unit, which only the service manager can put in.
        settings.command = []
        return """
            # Settings of \(unit), which runs through Relevo; relevo.conf(5), relevo check-settings --keys.
            # The command is in \(place.dropIn), for its variables are the unit's.
            # After a change: systemctl reload \(unit), which is an upgrade; relevo status says what it takes
            # where that is not enough.


            """ + settings.renderCommented()
    }
}

extension InstalledUnit {
    /// A time that counts; nil where it is not set, or never.
    func time(_ property: String) -> Duration? {
        guard let time = try? Duration.parse(properties[property]), time > .zero else { return nil }
        return time
    }
}
