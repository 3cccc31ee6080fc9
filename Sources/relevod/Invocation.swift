import Settings

/// What `relevo` starts this program with.
struct Invocation {
    static let usage = """
        usage: relevod --settings FILE|DESCRIPTOR|record:DESCRIPTOR [ORIGIN] [--resume]
               relevod --settings FILE|DESCRIPTOR [ORIGIN] --adopt-process PID
               relevod --reads FORMAT

        The supervisor of one service, started by `relevo run`. Its settings are a file or an inherited
        descriptor with the text that `relevo run` writes, or are in a predecessor's record; with --resume
        it takes over a service that runs without its supervisor; with --adopt-process a server that was
        started without one. --reads tells by its exit code, 0 or 1, whether a supervisor's record of
        that format can be taken over. RELEVO_LOG_LEVEL sets how much it tells (trace, debug, info,
        notice, warning, error).

        ORIGIN is --config FILE [--fixed-command] [--fixed-workers]: what SIGHUP reads again, but for
        what the command line has said.
        """

    /// A file, the number of a descriptor, or `record:` and one.
    let place: String
    private(set) var resumes = false
    /// What SIGHUP reads again.
    let origin: SettingsOrigin?
    /// A server that was started without a supervisor.
    private(set) var adopted: Int32?

    /// nil for what is not understood.
    init?(_ arguments: ArraySlice<String>) {
        var rest = arguments
        guard rest.popFirst() == "--settings", let place = rest.popFirst() else { return nil }
        self.place = place
        origin = SettingsOrigin(takenFrom: &rest)
        switch rest.popFirst() {
        case nil: break
        case "--resume": resumes = true
        case "--adopt-process":
            guard let number = rest.popFirst().flatMap({ Int32($0) }) else { return nil }
            adopted = number
        default: return nil
        }
        guard rest.isEmpty else { return nil }
    }
}
