package import HandoverCore

/// A verb that must be carried out even if the supervisor dies before it has: it is in the record
/// until it is known to be done, and a successor does it again.
package enum Duty: Hashable, Codable, Sendable {
    /// Take the socket out of its group and close it. Answered by `slotReleased`.
    ///
    /// - `dropsBefore`: the drops at it that this use did not cause.
    case release(SlotID, of: GenerationID?, dropsBefore: Int)
    /// Take the slot out of use and keep its socket for a later generation. Answered by `slotReleased`.
    case park(SlotID, of: GenerationID?, dropsBefore: Int)
    /// New flows go to these slots, by listener, but for the share of a canary; nil leaves a listener as it
    /// is. Answered by `steered`.
    case steer(GenerationID, [[Int]?], CanarySlots? = nil)
    /// Flows pinned to these slots count as new from here on.
    case resteer([SlotID])

    /// Send a signal to the worker's process; nothing where it is gone.
    case signal(WorkerID, Int32)
    /// Let go of all that was kept for a worker whose end is known.
    case letGo(WorkerID)
    /// Remove the private folders of a generation that has no process left.
    case removePrivateFolders(GenerationID)

    /// Tell a worker that new flows go elsewhere. Send it the drain signal where one is set.
    case tellDraining(WorkerID, deadline: Instant?, signal: Int32?)
    /// Tell a worker to serve on.
    case tellResumed(WorkerID)
    /// Tell a worker that the stop signal comes, which is a duty of its own.
    case tellStopping(WorkerID, within: Duration)

    /// Let go of descriptors that workers had stored.
    case forgetStored([Int])

    /// Whether doing it twice could be noticed by a worker. Then the record says that it is done
    /// before anything else happens.
    package var isNoticedTwice: Bool {
        switch self {
        case .signal, .tellDraining, .tellResumed, .tellStopping: true
        case .release, .park, .steer, .resteer, .letGo, .removePrivateFolders, .forgetStored: false
        }
    }

    /// The worker whose process has to be there for it.
    var worker: WorkerID? {
        switch self {
        case .signal(let id, _), .tellDraining(let id, _, _), .tellResumed(let id),
            .tellStopping(let id, _):
            id
        case .release, .park, .steer, .resteer, .letGo, .removePrivateFolders, .forgetStored: nil
        }
    }
}

/// Where the new flows of a canary's clients go.
package struct CanarySlots: Hashable, Codable, Sendable {
    package let clients: CanaryClients
    /// Tells which clients a share is made of.
    package let key: UInt64
    /// By listener; nil where they go where all others go.
    package let slots: [[Int]?]

    package init(clients: CanaryClients, key: UInt64, slots: [[Int]?]) {
        self.clients = clients
        self.key = key
        self.slots = slots
    }

    private enum CodingKeys: String, CodingKey {
        case key, slots
        case clients = "share"
    }
}
