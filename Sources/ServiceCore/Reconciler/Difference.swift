package import HandoverCore

/// One thing that is not as it ought to be.
package enum Difference: Hashable, Sendable {
    /// Another program steers, and ours cannot be attached again.
    case programLost(listener: Int, reason: String)
    /// A worker wanted another program to steer the group, or none: it was not let.
    case programRefused(listener: Int, WorkerID)
    /// New flows go to other slots than they ought to.
    case choice(listener: Int)
    /// A socket of somebody else is at the address.
    case stranger(listener: Int, Observation.Stranger, takesNewFlows: Bool)
    /// Chosen slots could not be given what was for them since the last look.
    case misplaced(listener: Int)
    /// A slot in use has no socket, or another one than the record says.
    case missing(SlotID)
    /// The worker that serves with the socket has connected it to one peer.
    case connected(SlotID, by: WorkerID)
    /// A socket has left its group in another way, or nobody serves with it.
    case outside(SlotID)
    /// The worker has shut its socket down and runs on.
    case shutDown(SlotID, by: WorkerID)
    /// SO_REUSEPORT was off, and is on again.
    case wasAlone(SlotID)
    /// A process that does not come from the slot's worker has its socket open as well.
    case shared(SlotID, Observation.Stray)
    /// A process of a worker that has ended runs on.
    case leftover(WorkerID, Observation.Stray)

    /// What brings it in order; nil where nothing does, or where it is in order again.
    package var repair: Repair? {
        switch self {
        case .choice: .steer
        case .connected(let slot, _): .exchange(slot)
        case .shutDown(let slot, _): .exchange(slot)
        case .leftover(let worker, let stray): .end(pid: stray.pid, of: worker)
        case .programLost, .programRefused, .stranger, .misplaced, .missing, .outside, .wasAlone,
            .shared:
            nil
        }
    }

    /// Whether new flows may go astray while it lasts: nobody may say then that all is well.
    package var isHarm: Bool {
        switch self {
        case .programLost, .choice, .missing: true
        case .stranger(_, _, let takesNewFlows): takesNewFlows
        case .outside, .shutDown, .connected, .shared: true
        case .programRefused, .misplaced, .wasAlone, .leftover: false
        }
    }

    /// The listener that it is about; nil where it is about none.
    package var listener: Int? {
        switch self {
        case .programLost(let listener, _), .programRefused(let listener, _), .choice(let listener),
            .stranger(let listener, _, _), .misplaced(let listener):
            listener
        case .missing(let slot), .connected(let slot, _), .outside(let slot),
            .shutDown(let slot, _), .wasAlone(let slot), .shared(let slot, _):
            slot.listener
        case .leftover: nil
        }
    }

    /// The slot that it is about, where it is about one.
    package var slot: SlotID? {
        switch self {
        case .missing(let slot), .connected(let slot, _), .outside(let slot),
            .shutDown(let slot, _), .wasAlone(let slot), .shared(let slot, _):
            slot
        case .programLost, .programRefused, .choice, .stranger, .misplaced, .leftover: nil
        }
    }

    /// Whose doing it is; nil where nobody knows.
    package var worker: WorkerID? {
        switch self {
        case .programRefused(_, let id), .connected(_, let id), .shutDown(_, let id),
            .leftover(let id, _):
            id
        case .programLost, .choice, .stranger, .misplaced, .missing, .outside, .wasAlone, .shared:
            nil
        }
    }

    /// What it is, in words for a person, without the address.
    package var words: String {
        switch self {
        case .programLost(_, let reason):
            "another program steers, and ours cannot be attached again: \(reason)"
        case .programRefused(_, let id):
            "worker \(id) wanted a program of its own to choose between the sockets (a setting like "
                + "socket-affinity), which would have broken sessions of other workers: it was not attached, "
                + "and the worker was told that it was"
        case .choice: "new flows did not go to the sockets that were chosen: they are chosen again"
        case .stranger(_, let stranger, true):
            "a socket that is not the service's shares the address (\(stranger.words)): without CAP_BPF it "
                + "may get new flows"
        case .stranger(_, let stranger, false):
            "a socket that is not the service's shares the address (\(stranger.words)): it gets nothing "
                + "while the steering works"
        case .misplaced:
            "datagrams could not be given to the sockets that they were for, and went to others"
        case .missing(let slot): "slot \(slot.number) has not the socket that the service knows"
        case .connected(let slot, _):
            "its worker has connected the socket of slot \(slot.number) to one peer: it keeps that one for "
                + "its peer, and the slot gets a fresh one, which is the worker's when it binds again"
        case .outside(let slot):
            "the socket of slot \(slot.number) has left its group: new flows do not reach it"
        case .shutDown(let slot, _):
            "its worker has shut the socket of slot \(slot.number) down: the slot gets a fresh one, for "
                + "whoever binds or is started next"
        case .wasAlone(let slot):
            "SO_REUSEPORT was switched off on the socket of slot \(slot.number), which took datagrams past "
                + "the steering: it is on again"
        case .shared(let slot, let stray):
            "\(stray.name), process \(stray.pid), is none of its worker's and has the socket of slot "
                + "\(slot.number) open: what it reads, the worker does not get"
        case .leftover(let id, let stray):
            "\(stray.name), process \(stray.pid), was left by worker \(id), which has ended: it is ended too"
        }
    }
}

extension Observation.Stranger {
    fileprivate var words: String { holder ?? "inode \(inode)" }
}

/// What brings a difference in order.
package enum Repair: Hashable, Sendable {
    /// Choose the slots for new flows again.
    case steer
    /// Put a fresh socket into the slot and leave the one that is there to its worker.
    case exchange(SlotID)
    /// End a process that a worker has left.
    case end(pid: Int32, of: WorkerID)
}
