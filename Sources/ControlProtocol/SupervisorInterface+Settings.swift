extension InterfaceDescription {
    /// What the interface has for settings.
    static let settings = """

        # One key that the settings file says otherwise than it runs, with the values of its lines;
        # of Environment the names alone. 'listener' is the address whose key it is, null for
        # [Service]. 'takesEffect': upgrade, restart (of the supervisor), stop (and a start), never
        # (an option of relevo run wins).
        type SettingDifference (
          listener: ?string,
          key: string,
          running: []string,
          file: []string,
          takesEffect: string
        )

        # What an upgrade has made of a setting that the file said otherwise than it ran. 'effect':
        # applied (it counts from now on), generation (the one that begins has it), upgrade (it
        # takes one by the settings), restart (of the supervisor), stop (and a start).
        type SettingOutcome (
          listener: ?string,
          key: string,
          effect: string
        )

        # How the settings file and its drop-ins differ from what runs. 'file' is null where there
        # is none, 'problem' says why it cannot be read.
        method CompareSettings() -> (
          file: ?string,
          problem: ?string,
          differences: []SettingDifference
        )

        """
}
