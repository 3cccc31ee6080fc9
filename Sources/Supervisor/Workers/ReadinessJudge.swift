import Adoption
import Settings

/// Decides when a starting worker is ready, from what it said and what was seen of it.
///
/// Whatever the rule, a socket offered is not a socket taken: while a listener has no socket that
/// the worker was seen to wait on, it is not ready.
struct ReadinessJudge {
    /// What is known of a worker's sockets at one listener.
    struct ListenerSighting {
        /// As the user wrote it.
        let address: String
        var taken = 0
        var offered = 0
        /// Why it cannot be told, where it cannot.
        var blind: String?
    }

    /// A program that never says anything counts as ready when it has lived this long.
    static let quietTime = Duration.seconds(1)

    /// A program that has just bound a socket may be about to bind another.
    static let bindPause = Duration.milliseconds(30)

    let rule: ReadyRule
    let startedAt: Duration
    /// It has sent anything at all to its NOTIFY_SOCKET, or over its channel.
    var speaksNotify = false
    /// It has sent READY=1, or READY over its channel.
    var saidReady = false
    /// The command of the rule `exec:` has ended with 0.
    var commandSucceeded = false
    var listeners: [ListenerSighting] = []
    /// When it was last given a socket in answer to bind(2).
    var lastBind: Duration?
    /// What it has bound that is no listener's.
    var foreignBinds: [String] = []
    /// What is adopted, as the user wrote it; empty where nothing is.
    var adopted = ""

    init(rule: ReadyRule, startedAt: Duration) {
        self.rule = rule
        self.startedAt = startedAt
    }

    func isReady(at now: Duration) -> Bool { obstacle(at: now) == nil }

    /// What it is waited for, in words for a person; nil when the worker is ready.
    func obstacle(at now: Duration) -> String? {
        let age = now - startedAt
        switch rule {
        case .auto:
            if speaksNotify {
                return saidReady ? untaken : "it has not said READY=1"
            }
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

    /// Whether there is a listener at all.
    private var hasAny: Bool { listeners.contains { $0.offered > 0 } }

    private var allTaken: Bool { listeners.allSatisfy { $0.taken == $0.offered } }

    private var untaken: String? {
        if !hasAny {
            return "it has bound nothing that is to be adopted (\(adopted))\(bound)"
        }
        let untaken = listeners.first { $0.offered > 0 && $0.taken == 0 && $0.blind == nil }
        guard let untaken else { return nil }
        return
            "it waits on no socket of \(untaken.address): a program takes the supervisor's sockets "
            + "through LISTEN_FDS, by a descriptor number in its arguments ({fd}), or by binding that "
            + "address\(bound)"
    }

    private var bound: String {
        foreignBinds.isEmpty ? "" : "; it has bound \(foreignBinds.joined(separator: ", "))"
    }
}
