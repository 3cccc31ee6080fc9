extension InterfaceDescription {
    static let supervisor = """
        # Upgrades a UDP or TCP server without losing a datagram or a session.
        #
        # One supervisor runs one service. Times are seconds; 'seconds' of a handover counts
        # from its request. Fields may be added; names in 'state', 'phase', 'result'
        # and 'kind' as well.
        interface org.relevo.Supervisor

        # What became of a listener's datagrams since the supervisor's start. 'fallback'
        # were steered by the plain rule, 'evicted' counts live flows pushed out of a full
        # table, 'unrecorded' datagrams of new flows that found no room there and are not
        # remembered, 'drops' what the kernel dropped for want of room in a receive buffer.
        # 'possibleDrops' were dropped while classic BPF kept multicast and broadcast from
        # sockets that are not current: copies that others had, or losses. With eBPF there
        # are none.
        # 'rules' is there where sessions have ids (quic).
        type Counters (
          datagrams: int,
          pinned: int,
          newFlows: int,
          fallback: int,
          evicted: int,
          unrecorded: int,
          drops: int,
          possibleDrops: ?int,
          rules: ?RuleCounts
        )

        # How often each rule for sessions with an id of their own told where a datagram goes.
        # Datagrams that are pinned and in neither 'tuple' nor 'owner' went by an id that was
        # known. 'tuple': by the 4-tuple or the handshake. 'learned' ids. 'rebound': sessions
        # found by their id at another address. An id never seen went where a session of the
        # same address is ('hinted'), to a generation that drains and has more sessions
        # ('guessed'), to the current one ('unknown'), or told its worker itself ('owner').
        # 'moved': sessions that began on a 4-tuple of a generation's that drains. 'copied': an id
        # never seen, of which each worker that may know it got a copy; 'uncopied': beyond what may
        # be copied a second, counted as 'guessed' or 'unknown' too.
        type RuleCounts (
          tuple: int,
          learned: int,
          rebound: int,
          hinted: int,
          guessed: int,
          unknown: int,
          moved: int,
          owner: int,
          copied: ?int,
          uncopied: ?int
        )

        type Listener (
          address: string,
          steering: string,
          counters: Counters,
          steeringReason: ?string,
          flows: ?int,
          # What is not as it ought to be with its sockets, or was not at the last look.
          problems: ?[]string,
          # Whether new flows may go astray because of that.
          isHarmed: ?bool
        )

        # Sessions that do not pass the listeners' own sockets: accepted TCP connections, UDP sockets
        # at a listener's address that are connected to one peer, UDP sockets at ports that the
        # server has bound for itself while it served.
        type Outside (
          connections: int,
          connected: int,
          ports: int
        )

        # starting, ready, restarting, stopping, stopped, failed
        type Worker (
          index: int,
          pid: ?int,
          state: string,
          restarts: int,
          # How many sessions it says it has, if it does.
          sessions: ?int,
          message: ?string,
          # Processor time and memory of its process, its children not included. None where it has
          # ended, and where more than 256 workers are there and others had their turn.
          cpuSeconds: ?float,
          residentBytes: ?int
        )

        # When a generation began, which user asked for it and what they said it is for.
        type Origin (
          at: ?string,
          uid: ?int,
          message: ?string
        )

        # The file that a generation runs: what its command led to when it began, or, after a
        # rollback, when generation 'since' began. 'held' says that it is held open: workers
        # are started on it whatever has its name now. 'changed' says how the disk differs from
        # it; the next upgrade runs what is there. 'loadedNewer' are libraries that a worker has
        # loaded, and the interpreter of a script, that are other files by now, or gone: a worker
        # that is started again takes what is there. It is missing where no worker could be looked
        # into. 'modified' is RFC 3339.
        type Program (
          path: string,
          since: int,
          device: int,
          inode: int,
          size: int,
          modified: string,
          buildID: ?string,
          sha256: ?string,
          script: bool,
          held: bool,
          changed: ?string,
          loadedNewer: ?[]string
        )

        # A generation that is tried out: it gets the new flows of 'share' percent of all clients,
        # a client being one address. 'step' counts from 1; without 'secondsLeft' the next step
        # waits for Promote, or, where 'isChecked' is true, for the check that runs. 'drops' of the
        # 'dropLimit' datagrams that may be dropped have been, where there is a limit. The clients of
        # 'networks' are among its own; alone where 'share' is 0.
        type Canary (
          share: float,
          step: int,
          steps: int,
          secondsLeft: ?float,
          isChecked: ?bool,
          drops: ?int,
          dropLimit: ?int,
          networks: ?[]string
        )

        # starting, canary, current, draining, retiring, stopped, failed; 'outside' is counted while it
        # drains. A byte of 'command' that is not UTF-8 is the character U+10FF00 + byte.
        type Generation (
          id: int,
          state: string,
          command: []string,
          flows: int,
          outside: ?Outside,
          workers: []Worker,
          drainSecondsLeft: ?float,
          # By the rate at which its sessions have ended lately; none where that tells nothing.
          drainSecondsLikely: ?float,
          origin: ?Origin,
          program: ?Program,
          canary: ?Canary,
          watch: ?Watch
        )

        # The phases are start, ready, canary, flip, drain, retire.
        type Handover (
          from: ?int,
          to: int,
          phase: string,
          seconds: float,
          watchEnd: ?string,
          isDryRun: ?bool
        )

        # How long each phase took; null for one that never was.
        type HandoverTimes (
          start: ?float,
          ready: ?float,
          canary: ?float,
          flip: ?float,
          drain: ?float,
          retire: ?float
        )

        # A handover that is over: completed, incomplete (the new generation is current, and
        # something is not as it ought to be), failed (the new generation never became
        # current), aborted (it had a share of the new flows, and gave it back), rolledBack, or passed
        # (a dry run: it would have become current). 'isDryRun' is true of a dry run, also of one that
        # failed. The old generation's sessions that had not ended by the end of its drain are cut.
        # 'watchEnd' is how its watch ended, if the new generation stayed: passed, promoted, deserted (the
        # old one died, so that nothing could go back to it), failed (it should have given way,
        # and could not) or brokenOff (something else was asked for). With deserted and failed the
        # result is incomplete.
        type HandoverSummary (
          from: ?int,
          to: int,
          result: string,
          reason: ?string,
          phases: HandoverTimes,
          cutFlows: int,
          cutOutside: ?Outside,
          drops: int,
          isDryRun: ?bool,
          watchEnd: ?string
        )

        # A table of flows, which the listeners with these addresses share: 'flows' are live,
        # 'capacity' fit without the loss of one, 'bytes' of the kernel's memory are for all.
        type Table (
          flows: int,
          capacity: int,
          bytes: int,
          listeners: []string
        )

        # What the supervisor itself takes, its workers not included.
        type Supervisor (
          cpuSeconds: float,
          residentBytes: int,
          descriptors: int,
          # None where there is no limit.
          descriptorLimit: ?int,
          # Who has what it and the workers print: journal, or the path of a file.
          # None where nobody keeps it.
          log: ?string
        )

        type Status (
          name: string,
          pid: int,
          version: string,
          current: ?int,
          listeners: []Listener,
          generations: []Generation,
          handover: ?Handover,
          lastHandover: ?HandoverSummary,
          # What the settings file says otherwise since the supervisor has read it, and no
          # upgrade brings: keys, and addresses of listeners.
          changedSettings: ?[]string,
          tables: ?[]Table,
          tally: ?Tally,
          supervisor: ?Supervisor
        )

        # A phase that is over, or news from inside one that is not. 'generation' is the new
        # one up to the flip, the old one from the drain on.
        type Progress (
          phase: string,
          over: bool,
          generation: int,
          seconds: float,
          flowsLeft: ?int,
          outsideLeft: ?Outside,
          secondsLeft: ?float,
          secondsLikely: ?float,
          message: ?string
        )

        # Something that happened: following (the first one, where the service stands),
        # workerStarted, workerReady, workerFailed, workerExited, handoverStarted, phase,
        # handoverEnded, generationStopped, warning, stopping, stopped. 'time' is RFC 3339,
        # 'missed' the number of events before this one that the client did not read in time.
        type Event (
          time: string,
          kind: string,
          # The number of the handover that it belongs to.
          handover: ?int,
          generation: ?int,
          worker: ?int,
          pid: ?int,
          phase: ?string,
          seconds: ?float,
          flowsLeft: ?int,
          outsideLeft: ?Outside,
          message: ?string,
          watchEnd: ?string,
          report: ?HandoverSummary,
          missed: ?int
        )

        # Reply at once, when the new generation is current, or when the old one has ended.
        type Wait (none, flip, drained)

        # 'shares' are percent of all clients, from 0.0001 to 99.9999, each larger than the one
        # before; at most 100. The clients of 'networks', such as 192.0.2.0/24, are the canary's
        # in a first step without a share, and in all others; at most 64. Each step lasts
        # 'stepSeconds', or until Promote. 'restarts' workers may die, none unless given; one more, or
        # one that says that it failed, aborts the canary. So does 'check', a command that is run at
        # the end of each step, if it does not end with 0 within a minute, and so do more than 'drops'
        # datagrams that the service's listeners drop.
        type CanarySteps (
          shares: []float,
          networks: ?[]string,
          stepSeconds: ?float,
          restarts: ?int,
          drops: ?int,
          check: ?[]string
        )

        method GetStatus() -> (status: Status)

        # Starts a new generation and hands over to it, with the current command and number
        # of workers unless told otherwise. 'wait' is flip unless given. Called with 'more',
        # replies with progress come before the last, which has none. 'message' says what it is
        # for: a line of at most 1024 bytes, which the status shows. 'release' is the folder that
        # {release} stands for: in 'command', or else in the command of the settings. With 'canary'
        # the new generation gets shares of the clients before all of them; the last reply comes
        # after the last share, or when it is aborted, which is the error UpgradeFailed. With 'watch'
        # it comes after the watch, and is that error where the old generation took over again, and
        # where the watch ended otherwise than by its time or by Promote.
        # With 'dryRun' it is that error where the generation would not have become current;
        # 'canary' and 'watch' are let be then, and so are settings that the file has changed.
        method Upgrade(
          command: ?[]string,
          workers: ?int,
          wait: ?Wait,
          message: ?string,
          release: ?string,
          canary: ?CanarySteps,
          watch: ?WatchWanted,
          dryRun: ?DryRunWanted
        ) -> (
          progress: ?Progress,
          generation: ?int,
          handover: ?int,
          report: ?HandoverSummary,
          # Where the settings file says otherwise than what ran: in the first reply with
          # 'more', and in the last.
          settings: ?[]SettingOutcome
        )

        # The next step of a canary; with 'full', or after the last step, the generation is current.
        # Ends a watch: the generation stays. Refused where it is about another 'generation' by
        # then, or the canary is in another 'step'; they count from 1, and 0 is a watch.
        method Promote(full: ?bool, generation: ?int, step: ?int) -> ()

        # A canary stays in its step until Promote or Abort.
        method Hold() -> ()

        # A canary gets no new flows any more, and drains. Of a watch it is a rollback.
        method Abort() -> ()

        # Makes the old generation current again while it drains, or else starts the
        # previous command as an upgrade, on the file that it ran. With 'to' the same for the
        # generation of that number, as the history has it; refused where its file on disk is
        # another one now and nobody holds the one that it ran.
        method Rollback(wait: ?Wait, message: ?string, to: ?int) -> (
          progress: ?Progress,
          generation: ?int,
          handover: ?int,
          report: ?HandoverSummary
        )

        # Stops the current workers and starts the same command on the same sockets.
        method Restart(wait: ?Wait, message: ?string) -> (
          progress: ?Progress,
          generation: ?int,
          handover: ?int,
          report: ?HandoverSummary
        )

        # Sets the drain deadline of one generation, or of all that drain, counted from now;
        # 0 cuts what is left at once, no timeout lets it take as long as it takes. With 'keep' the
        # drain ends when no more sessions than that are left; without a timeout beside it the
        # deadline stays.
        method Drain(generation: ?int, timeout: ?float, keep: ?int) -> ()

        # Drains and stops the service; replies when it has ended. Without drainTimeout the
        # service's own holds, 0 stops at once.
        method Stop(drainTimeout: ?float) -> (
          progress: ?Progress,
          generation: ?int,
          handover: ?int,
          report: ?HandoverSummary
        )

        # Replaces the supervisor's program in place. With 'more' an error may follow the first reply, when
        # the program cannot be executed; otherwise the connection ends.
        method Reexec() -> ()

        # Follows what happens; needs 'more'.
        method Events() -> (event: Event)

        # The new generation was undone; 'output' holds the last lines its workers printed, 'handover'
        # is its number in the history.
        error UpgradeFailed (reason: string, output: []string, handover: ?int)
        error HandoverInProgress (reason: string)
        error NothingToRollBackTo ()
        error Refused (reason: string)
        # A member of the control group has asked for what ControlGroupMay= does not allow.
        error NotPermitted (reason: string)
        error ShuttingDown ()

        """ + tally + watch + history + settings + explain + flows
}
