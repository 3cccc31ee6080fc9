/// Where a service's settings are from, so that they can be read again.
package struct SettingsOrigin: Equatable, Sendable {
    /// The file, which may have drop-ins.
    package let file: String
    /// Whether the command line has said the command, whatever the file says.
    package let fixesCommand: Bool
    package let fixesWorkers: Bool

    package init(file: String, fixesCommand: Bool, fixesWorkers: Bool) {
        self.file = file
        self.fixesCommand = fixesCommand
        self.fixesWorkers = fixesWorkers
    }

    /// What the sources say now of the command and the number of workers.
    ///
    /// - Parameters:
    ///   - command: what is fixed, or is to be gone on with.
    ///   - workers: the same.
    ///   - followed: where a folder's symbolic links lead.
    package func launch(
        in sources: [SettingsSource], command: [String], workers: Int,
        followed: (String) -> String = { $0 }
    ) throws(SettingsErrors) -> (command: [String], workers: Int) {
        var draft = try SettingsDraft(reading: sources)
        if fixesCommand { draft.setCommand(command) }
        // Listeners may be on the command line, or a socket unit's.
        var settings = try draft.finished(inheritsSockets: true)
        // What is gone on with has its folder already.
        if fixesCommand { return (command, fixesWorkers ? workers : settings.workers) }
        settings.release = settings.release.map(followed)
        return (settings.startedCommand, fixesWorkers ? workers : settings.workers)
    }
}

extension SettingsOrigin {
    private static let option = "--config"
    private static let commandOption = "--fixed-command"
    private static let workersOption = "--fixed-workers"

    /// As arguments of relevod.
    package var arguments: [String] {
        [Self.option, file] + (fixesCommand ? [Self.commandOption] : [])
            + (fixesWorkers ? [Self.workersOption] : [])
    }

    /// Takes such arguments off the front; nil where there are none.
    package init?(takenFrom arguments: inout ArraySlice<String>) {
        guard arguments.first == Self.option, arguments.count > 1 else { return nil }
        arguments.removeFirst()
        file = arguments.removeFirst()
        fixesCommand = arguments.first == Self.commandOption
        if fixesCommand { arguments.removeFirst() }
        fixesWorkers = arguments.first == Self.workersOption
        if fixesWorkers { arguments.removeFirst() }
    }
}
