import HandoverCore

extension World {
    /// What an operator may ask for, as choices with the number that comes next.
    func requests(_ kinds: [@Sendable (RequestID) -> Event]) -> [Choice] {
        kinds.map { .request($0(RequestID(nextRequest))) }
    }

    /// Two steps, of which the second comes by itself; one worker may die.
    static let canary = CanaryPlan(
        steps: [50_000, 250_000].compactMap { Share(millionths: $0) }, stepTime: .seconds(30),
        restarts: 1, key: 1)
    /// Each step waits to be asked for.
    static let byHand = CanaryPlan(
        steps: [500_000].compactMap { Share(millionths: $0) }, networks: ["192.0.2.0/24"],
        stepTime: nil, key: 2)

    /// The second step comes when a check has passed.
    static let checked = CanaryPlan(
        steps: [20_000, 300_000].compactMap { Share(millionths: $0) }, stepTime: .seconds(10),
        key: 3, check: ["check"])

    /// The flip comes when few enough datagrams were dropped.
    static let counted = CanaryPlan(
        steps: [50_000].compactMap { Share(millionths: $0) }, stepTime: .seconds(10), drops: 5,
        key: 4)

    /// One worker may die, and a check is asked.
    static let watch = WatchPlan(time: .seconds(8), restarts: 1, drops: 5, check: ["check"])
    /// The first fault is one too many.
    static let strict = WatchPlan(time: .seconds(60))

    /// With how many sessions left a drain may end, where an operator says so.
    static let keep = 1

    static let everyRequest: [@Sendable (RequestID) -> Event] = [
        { .upgrade($0, nil) },
        { .upgrade($0, Launch(command: ["server", "more"], workers: 2)) },
        { .upgrade($0, Launch(command: ["server", "less"], workers: 1)) },
        { .join($0, Launch(command: ["pod"], workers: 2, group: "new")) },
        { .upgrade($0, nil, canary: canary) },
        { .upgrade($0, nil, canary: byHand) },
        { .upgrade($0, nil, canary: checked) },
        { .upgrade($0, nil, canary: counted) },
        { .upgrade($0, nil, canary: checked, watch: watch) },
        { .upgrade($0, nil, watch: strict) },
        { .upgrade($0, nil, dryRun: DryRun(check: ["check"])) },
        { .upgrade($0, nil, dryRun: DryRun()) },
        { .promote($0, full: false) },
        { .promote($0, full: true) },
        { .hold($0) },
        { .abort($0) },
        { .rollback($0) },
        { .restart($0) },
        { .changeDrain($0, nil, within: .zero) },
        { .changeDrain($0, nil, within: nil, keep: keep) },
        { .stop($0, drain: true) },
        { .stop($0, drain: false) },
    ]
}
