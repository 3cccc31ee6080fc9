import Kernel

/// Senders that were found to be strangers, so that their next messages cost no look at them.
///
/// For a moment only: the process that gets the number of one that has ended may be a worker's.
struct RefusedSenders {
    /// More at once are forgotten; each costs one look then.
    static let most = 64
    static let memory = Duration.seconds(1)

    private var since: [PeerCredentials: Duration] = [:]

    /// Whether it was refused a moment ago.
    func know(_ sender: PeerCredentials, at now: Duration) -> Bool {
        since[sender].map { now - $0 < Self.memory } ?? false
    }

    mutating func add(_ sender: PeerCredentials, at now: Duration) {
        if since.count >= Self.most { since = [:] }
        since[sender] = now
    }
}
