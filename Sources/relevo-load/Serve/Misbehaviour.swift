import ArgumentParser

/// Ways for the server to be a bad one, so that a supervisor can be tried against them.
struct Misbehaviour: ParsableArguments {
    @Option(help: "Take the sockets and say READY=1 only after this time.")
    var readyDelay = TimeOption(.zero)

    @Flag(help: "Run, but never take a socket nor say READY=1.")
    var neverReady = false

    @Option(help: ArgumentHelp("End at once with this exit code.", valueName: "code"))
    var exitAtOnce: Int32?

    @Flag(help: "Take the sockets, say READY=1, then neither read nor heed SIGTERM.")
    var hang = false

    @Flag(help: "Serve, but do not heed SIGTERM.")
    var ignoreStop = false

    @Flag(help: "End at SIGTERM at once, with the queue unread and the work in flight undone.")
    var abrupt = false

    @Option(help: "Crash this long after READY=1.")
    var crashAfter: TimeOption?

    @Flag(help: "Say READY=1, but read no inherited socket.")
    var ignoreSockets = false

    @Flag(help: "Never say READY=1 nor anything else to the supervisor.")
    var noNotify = false

    @Option(help: "Answer this long after the question came: work in flight.")
    var slowAnswer = TimeOption(.zero)

    @Option(help: "'no' reads and does not answer, 'known' answers only what 'send' has sent.")
    var answer = Answering.yes

    /// What is answered.
    enum Answering: String, ExpressibleByArgument, CaseIterable {
        case yes
        case known
        case no
    }
}
