extension InterfaceDescription {
    /// What the interface has for a watch and for a dry run.
    static let watch = """
        # A current generation that may have to give way again. 'failure' is why it is about to.
        type Watch (
          secondsLeft: float,
          isChecked: ?bool,
          drops: ?int,
          dropLimit: ?int,
          failure: ?string
        )

        # For so many seconds after the flip the generation before is not told to drain and keeps its
        # processes: it takes over again if more than 'restarts' workers die (none unless given), one
        # says that it failed, the service's listeners drop more than 'drops' datagrams, or 'check',
        # which is run every 5 s and at the end, does not end with 0 within a minute.
        type WatchWanted (
          seconds: float,
          restarts: ?int,
          drops: ?int,
          check: ?[]string
        )

        # The new generation is started, and stopped again when it is ready and 'check' has ended
        # with 0. It never gets a flow.
        type DryRunWanted (
          check: ?[]string
        )

        """
}
