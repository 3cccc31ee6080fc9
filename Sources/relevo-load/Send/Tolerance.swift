import ArgumentParser

/// What a run takes as right though it would not be in an upgrade.
struct Tolerance: ParsableArguments {
    @Flag(
        help: """
            Flows may start over: a worker is killed during the run, and its memory with it.
            """)
    var expectRestart = false

    @Flag(
        help: """
            Flows may move to another generation: the drain deadline passes, or a draining \
            worker is killed.
            """)
    var expectMove = false

    @Flag(help: "New flows may go to an older generation: a rollback happens during the run.")
    var expectRollback = false

    @Option(
        help: ArgumentHelp(
            "Datagrams that may be lost: those that a killed worker had read.", valueName: "n"))
    var allowLost: UInt64 = 0
}
