import HandoverCore

extension World {
    /// What an operator may ask for, as choices with the number that comes next.
    func requests(_ kinds: [@Sendable (RequestID) -> Event]) -> [Choice] {
        kinds.map { .request($0(RequestID(nextRequest))) }
    }

    static let everyRequest: [@Sendable (RequestID) -> Event] = [
        { .upgrade($0, nil) },
        { .upgrade($0, Launch(command: ["server", "more"], workers: 2)) },
        { .upgrade($0, Launch(command: ["server", "less"], workers: 1)) },
        { .join($0, Launch(command: ["pod"], workers: 2, group: "new")) },
        { .rollback($0) },
        { .restart($0) },
        { .changeDrainDeadline($0, nil, .zero) },
        { .stop($0, drain: true) },
        { .stop($0, drain: false) },
    ]
}
