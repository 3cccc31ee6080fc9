/// Sees from outside whether a worker has taken its sockets: a socket offered is not a socket taken.
///
/// A socket counts as taken once any thread of the worker's process or of its descendants was seen
/// waiting on it, and stays so. A process whose threads are all busy is never caught waiting: for
/// it a socket that stays in an epoll set for `settlingTime` counts as taken, and one that is merely
/// open while some thread was running at every look cannot be judged.
package struct ReadinessObserver: Sendable {
    /// As long as the ready rule for a worker of which nothing can be seen.
    package static let settlingTime: Duration = .seconds(1)

    private let root: Int32
    private var sockets: [UInt64]
    private var taken: [UInt64: WaitKind] = [:]
    private var memberSince: [UInt64: Duration] = [:]
    private var busySince: Duration?
    /// Those of the sockets that the last look has seen open in whatever process of the worker, at another
    /// number than the one at which it was given them; nil where it could not see all.
    package private(set) var heldElsewhere: Set<UInt64>?
    private let given: [UInt64: Int32]

    /// More than any worker starts; a look stays short.
    private static let mostProcesses = 1024

    /// - Parameters:
    ///   - root: the worker's process as the supervisor started it.
    ///   - sockets: the inodes of its sockets.
    ///   - given: the numbers at which it was given sockets when it was started.
    package init(worker root: Int32, sockets: [UInt64], given: [UInt64: Int32] = [:]) {
        self.root = root
        self.sockets = sockets
        self.given = given
    }

    /// Goes on with these sockets; what is known of them stays known.
    package mutating func watch(_ sockets: [UInt64]) { self.sockets = sockets }

    /// Looks once.
    ///
    /// - Parameter now: the time since any fixed moment; it must not go back between looks.
    /// - Returns: one sighting for each socket, in the order they were given.
    package mutating func look(at now: Duration) -> [Sighting] {
        let missing = Set(sockets).subtracting(taken.keys)
        guard !missing.isEmpty else { return sockets.map { sighting(of: $0, at: now, []) } }
        let looks = lookAtAll(for: missing)
        let isWhole = looks.allSatisfy { $0.obstacle == nil && $0.wasSearched }
        heldElsewhere =
            isWhole
            ? looks.reduce(into: Set(taken.keys)) { $0.formUnion($1.heldElsewhere) } : nil
        for look in looks { taken.merge(look.taken) { first, _ in first } }
        let members = looks.reduce(into: Set<UInt64>()) { $0.formUnion($1.members) }
        memberSince = memberSince.filter { members.contains($0.key) }
        for inode in members {
            memberSince[inode, default: now] = min(memberSince[inode] ?? now, now)
        }
        busySince = looks.contains(where: \.isBusy) ? busySince ?? now : nil
        for (inode, since) in memberSince where now - since >= Self.settlingTime {
            if taken[inode] == nil { taken[inode] = .epollMember }
        }
        return sockets.map { sighting(of: $0, at: now, looks) }
    }

    private func lookAtAll(for missing: Set<UInt64>) -> [ProcessLook] {
        var looks: [ProcessLook] = []
        var pending = [root]
        while let process = pending.popLast(), looks.count < Self.mostProcesses {
            let look = ProcessLook(at: process, for: missing, given: given)
            pending += look.children
            looks.append(look)
        }
        return looks
    }

    private func sighting(of inode: UInt64, at now: Duration, _ looks: [ProcessLook]) -> Sighting {
        if let kind = taken[inode] { return .taken(kind) }
        if let obstacle = looks.lazy.compactMap(\.obstacle).first {
            return .cannotObserve(obstacle)
        }
        // A ring makes it unseen who waits on a socket, but not who has none.
        if looks.contains(where: \.hasRing), looks.contains(where: { $0.held.contains(inode) }) {
            return .cannotObserve("process \(root) uses io_uring")
        }
        if let busySince, now - busySince >= Self.settlingTime,
            looks.contains(where: { $0.held.contains(inode) })
        {
            return .cannotObserve("process \(root) has a thread that never waits")
        }
        return .notSeen
    }
}
