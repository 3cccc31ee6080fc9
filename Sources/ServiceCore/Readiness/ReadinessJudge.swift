package import Settings

/// Decides when a starting worker is ready, from what it said and what was seen of it.
///
/// Under every rule a listener holds the worker back until one of its sockets is read: a socket
/// that was offered is not yet a socket that is taken.
package struct ReadinessJudge: Equatable, Sendable {
    /// What is known of a worker's sockets at one listener.
    package struct ListenerSighting: Equatable, Sendable {
        /// As the user wrote it.
        package let address: String
        package var taken: Int
        package var offered: Int
        /// Why nobody can tell whether its sockets are read; nil where that can be seen.
        package var blind: String?

        package init(address: String, taken: Int = 0, offered: Int, blind: String? = nil) {
            self.address = address
            self.taken = taken
            self.offered = offered
            self.blind = blind
        }
    }

    /// A program that never says anything counts as ready when it has lived this long.
    package static let quietTime = Duration.seconds(1)

    /// A program that has just bound a socket may be about to bind another.
    package static let bindPause = Duration.milliseconds(30)

    package let rule: ReadyRule
    package let startedAt: Duration
    /// It is known to say when it is ready: it has said READY=1, has asked for more time to get there,
    /// or uses its channel.
    package var speaksNotify = false
    /// When it first sent anything to its NOTIFY_SOCKET.
    package private(set) var firstWord: Duration?
    /// It has sent READY=1, or READY over its channel.
    package var saidReady = false
    /// The command of the rule `exec:` has ended with 0.
    package var commandSucceeded = false
    package var listeners: [ListenerSighting] = []
    /// When it was last given a socket in answer to bind(2).
    package var lastBind: Duration?
    /// What it has bound that is no listener's.
    package var foreignBinds: [String] = []
    /// What is adopted, as the user wrote it; empty where nothing is.
    package var adopted = ""

    package init(rule: ReadyRule, startedAt: Duration) {
        self.rule = rule
        self.startedAt = startedAt
    }

    /// Takes in what it has sent to its NOTIFY_SOCKET.
    ///
    /// A program that only says STATUS= and the like may say READY=1 next or never: it has a little time
    /// for that, and then counts as one that says nothing.
    package mutating func heard(isReady: Bool, asksForTime: Bool = false, at now: Duration) {
        firstWord = firstWord ?? now
        if isReady || asksForTime { speaksNotify = true }
        if isReady { saidReady = true }
    }

    package func isReady(at now: Duration) -> Bool { obstacle(at: now) == nil }

    /// What it is waited for, in words for a person; nil when the worker is ready.
    package func obstacle(at now: Duration) -> String? {
        let age = now - startedAt
        switch rule {
        case .auto:
            if speaksNotify {
                return saidReady ? untaken : "it has not said READY=1"
            }
            if let firstWord, now - firstWord < Self.quietTime { return "it has not said READY=1" }
            if let lastBind, now - lastBind < Self.bindPause { return "it is still binding" }
            if hasAny, allTaken { return nil }
            return untaken ?? (age >= Self.quietTime ? nil : "it has not run for a second")
        case .notify:
            return saidReady ? untaken : "it has not said READY=1"
        case .alive(let time):
            return age >= time ? untaken : "it has not run for \(time)"
        case .exec(let words):
            return commandSucceeded
                ? untaken : "the command \(words.joined(separator: " ")) has not ended with 0"
        }
    }

    /// For each listener of which the worker reads some sockets and not all, a warning for a person.
    package var unreadSockets: [String] {
        listeners.filter { 0 < $0.taken && $0.taken < $0.offered }.map {
            "waits on \($0.taken) of its \($0.offered) sockets of \($0.address); "
                + "the others get nothing until it does"
        }
    }

    /// Whether there is a listener at all.
    private var hasAny: Bool { listeners.contains { $0.offered > 0 } }

    private var allTaken: Bool { listeners.allSatisfy { $0.taken == $0.offered } }

    private var untaken: String? {
        if !hasAny {
            return "it has bound nothing that is to be adopted (\(adopted))\(bound)"
        }
        let untaken = listeners.first {
            $0.offered > 0 && $0.taken == 0 && ($0.blind == nil || isElsewhere($0))
        }
        guard let untaken else { return nil }
        return
            "it waits on no socket of \(untaken.address): a program takes the supervisor's sockets "
            + "through LISTEN_FDS, by a descriptor number in its arguments ({fd}), or by binding that "
            + "address\(bound)"
    }

    /// Whether a program that says nothing is seen to bind addresses of the listener's kind, and not that
    /// one: what cannot be seen of it does not speak for it.
    private func isElsewhere(_ listener: ListenerSighting) -> Bool {
        guard case .auto = rule, !speaksNotify, lastBind == nil else { return false }
        let kind = listener.address.prefix { $0 != ":" }
        return foreignBinds.contains { $0.prefix { $0 != ":" } == kind }
    }

    private var bound: String {
        foreignBinds.isEmpty ? "" : "; it has bound \(foreignBinds.joined(separator: ", "))"
    }
}
