extension InterfaceDescription {
    /// What the interface has for the history.
    static let history = """
        # The file that a generation of the history ran.
        type RecordedProgram (
          path: string,
          device: int,
          inode: int,
          size: int,
          modified: string,
          buildID: ?string,
          sha256: ?string
        )

        # Something that happened in a handover, so many seconds after its beginning: started,
        # ready, passed (a dry run), canary, aborted, flipped, watching, watchEnded, resumed (the
        # generation is current again), drained, notEmptied, ended, failing, failed, workerFailed,
        # workerDied, workerKilled, takenOver (by another supervisor).
        type HandoverStep (
          seconds: float,
          generation: int,
          what: string,
          text: ?string
        )

        # Something that was looked at, and what was found.
        type HandoverCheck (
          seconds: float,
          name: string,
          passed: bool,
          detail: ?string
        )

        # What was counted at one moment of a handover: live flows of the old and of the new
        # generation, and what all listeners were sent since the first sample; 'toDatagrams' of
        # them, where that is known, were the new generation's.
        type HandoverSample (
          seconds: float,
          fromFlows: int,
          toFlows: int,
          datagrams: int,
          opened: int,
          drops: int,
          toDatagrams: ?int
        )

        # A handover of the history. 'number' counts over all lives of the service. 'kind' is
        # start (the first generation), upgrade, rollback, restart, join or dryRun; 'result' also
        # underWay and interrupted (supervisor and workers were gone before it had ended).
        # 'kept' sessions stayed with their process until they ended. 'settings' are the lines
        # of [Service] that were not at their default, of Environment the names alone. 'steps',
        # 'checks', 'output' and 'samples' are there where one handover is asked for.
        type HandoverRecord (
          number: int,
          at: ?string,
          kind: string,
          from: ?int,
          to: int,
          result: string,
          reason: ?string,
          uid: ?int,
          message: ?string,
          command: []string,
          workers: ?int,
          program: ?RecordedProgram,
          settings: ?[]string,
          phases: HandoverTimes,
          timeToFlip: ?float,
          kept: ?int,
          cutFlows: int,
          cutOutside: ?Outside,
          drops: int,
          watchEnd: ?string,
          steps: ?[]HandoverStep,
          checks: ?[]HandoverCheck,
          output: ?[]string,
          samples: ?[]HandoverSample
        )

        # The last 100 handovers, the oldest first, or the one of that number, with all that is
        # known of it; none where there is no such one.
        method GetHistory(number: ?int) -> (handovers: []HandoverRecord)

        """
}
