extension InterfaceDescription {
    /// What the interface has for what is counted.
    static let tally = """
        # What has happened since the supervisor's start: handovers that are over, how long their
        # phases took, workers started again after a crash.
        type Tally (
          handovers: HandoverTally,
          phases: []PhaseTally,
          workerRestarts: int
        )

        # By result; dry runs are counted by themselves.
        type HandoverTally (
          completed: int,
          incomplete: int,
          failed: int,
          rolledBack: int,
          aborted: int,
          dryRunPassed: ?int,
          dryRunFailed: ?int
        )

        # All times of one phase together, and how many there were: of at most 10 us, 100 us, 1 ms,
        # 10 ms, 100 ms, 1 s, 10 s, 1 min, 10 min, 1 h, 1 day, and longer; each is counted once.
        type PhaseTally (
          phase: string,
          seconds: float,
          counts: []int
        )

        """
}
