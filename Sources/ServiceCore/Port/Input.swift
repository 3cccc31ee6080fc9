package import ChannelProtocol
package import HandoverCore
package import Settings

/// What comes to the supervisor: what people ask, what workers say, and what became of its verbs.
package enum Input: Equatable, Sendable {
    /// The service begins; once.
    case start
    /// `nextDeadline` has come, or is thought to have.
    case tick

    // MARK: People

    case asked(
        AskerID?, Wish, Wait, sendsProgress: Bool, from: Origin = Origin(), as: Role = .owner)
    /// The connection of an asker has ended.
    case askerGone(AskerID)
    /// SIGHUP, with the command and number of workers that the settings file has now; nil where there
    /// is no file.
    case hangUp(Launch?)
    /// The settings have changed in what may change while workers run.
    case settingsChanged(ServiceSettings, Policy)
    /// The settings file names other listeners than before: the next generation is to have those.
    case listenersNamed(ListenerChanges)
    /// A stop signal, with what the service manager says it is for.
    case stopSignal(StopPurpose)

    // MARK: Sockets

    case slotBound(SlotID, BoundSocket)
    case bindFailed(SlotID, PortFault)
    /// A socket that was missing is there again.
    case slotRecovered(SlotID, BoundSocket, of: WorkerID)
    /// A socket that was missing cannot be had from its worker.
    case slotLost(SlotID, of: WorkerID)
    /// `lost` are the datagrams left unread and those that the kernel dropped in this use of the slot;
    /// `total` are all that were ever lost at a socket that is closed now.
    case slotReleased(SlotID, of: GenerationID?, lost: Int, total: Int)
    case steered(GenerationID, took: Duration)
    /// New flows do not go, or not at every listener, to the slots that were chosen.
    case steeringFailed(GenerationID, PortFault)
    /// No flow is pinned to these slots any more.
    case resteered([SlotID])
    /// Flows that are pinned to these slots may still come there.
    case resteeringFailed([SlotID], PortFault)
    case flowsCounted([SlotID: FlowCount], Traffic = Traffic())
    case outsideCounted(GenerationID, OutsideCount)
    case queuesSeen(QueueLook, hasData: Bool)
    /// What a generation's command means, where it had to be found, and the time in seconds since 1970.
    case identified(GenerationID, Program?, at: UInt64)
    /// A generation is to run a program that was found before, of which a file is not what it was and is held
    /// by nobody.
    case programLost(GenerationID, ProgramChange)
    /// When a handover began, in milliseconds since 1970.
    case stamped(RequestID, at: UInt64)
    /// What the file of the history has, the oldest first, and what is wrong with it.
    case historyRead([HistoryEntry], fault: String?)
    /// What became of the last `writeHistory`; nil for success.
    case historyWritten(fault: String?)
    /// The answer to `findProgram`; nil where nothing is found.
    case programFound(Int, Program?)
    /// The answer to `restoreSettings`: what has changed by it, and what the settings are now.
    case settingsRestored(Int, changed: [String], ServiceSettings, Policy)
    case observed(Observation)
    /// A fresh socket is in the slot, and the one before is its worker's alone.
    case slotExchanged(SlotID, BoundSocket)
    /// A worker wanted another program to choose between a listener's sockets, or none, and was not let.
    case programRefused(listener: Int, WorkerID)
    /// A slot of which nobody can tell is missing.
    case adoptedSeen([SlotID: SlotUse], AdoptedLook)
    case listenerMade(Int, ListenerShape, CallID)
    case listenerFailed(CallID, PortFault)
    case listenerAdded(Int, ListenerShape)
    case listenerNotAdded(Int, PortFault)

    // MARK: Workers. What is told of a process names it: by then another one may have its index.

    case workerSpawned(WorkerID, pid: Int32, answersBinds: Bool)
    case spawnFailed(WorkerID, reason: String)
    case workerExited(WorkerID, pid: Int32, WorkerExit)
    case workerSeen(WorkerID, pid: Int32, WorkerSight)
    case readyCommandSucceeded(WorkerID, pid: Int32)
    /// The check of a new generation has ended with 0, or with this fault.
    case checkEnded(GenerationID, step: Int, fault: String?)
    /// What all listeners have dropped, ever, asked for this generation.
    case dropsSeen(GenerationID, total: Int)
    /// The hook of this number has ended with 0, or with this fault.
    case hookEnded(Int, fault: String?)
    /// What a worker printed last, while its generation is not current yet.
    case printed(WorkerID, [String])
    case notified(WorkerID, pid: Int32, Notification, ReceivedID?, duplicates: [Int?])
    case heard(WorkerID, pid: Int32, WorkerRequest, ReceivedID?, duplicates: [Int?])
    case linkMade(LinkOrder, LinkResult)
    case flowPinned(FlowOrder, ChannelFault?)
    case joinerGreeted(JoinerID, WorkerMessage.Hello, request: UInt64?, pid: Int32)
    case joinerGone(JoinerID)
    case bindAsked(CallID, WorkerID, pid: Int32, BindCall)
    case holdersSeen(CallID, held: [SlotID])
    case bindAnswered(CallID, SlotID, PortFault?)

    // MARK: What outlives the supervisor

    case keeperLost(pid: Int32)
    /// The next one has taken its place, and what it was sent is safe.
    case keeperRenewed(pid: Int32)
    case keeperFailed(reason: String)
    case storeHeld
    case storeLost(reason: String)
}

/// What somebody asks for over the control socket.
package enum Wish: Equatable, Sendable {
    /// With a release, the command, or that of the settings, with that folder in it.
    case upgrade(
        command: [String]?, workers: Int?, release: String? = nil, canary: CanaryPlan? = nil,
        watch: WatchPlan? = nil, dryRun: DryRun? = nil)
    /// The next step of a canary, or all of the new flows.
    case promote(full: Bool, meant: MeantStep? = nil)
    case hold
    case abort
    case rollback
    /// To a generation that the history knows.
    case rollbackTo(GenerationID)
    case restart
    /// nil is every generation that drains; and for ever, unless it is said with how many sessions left it may end.
    case drain(GenerationID?, Duration?, keep: Int? = nil)
    /// nil is the settings' own drain.
    case stop(within: Duration?)
    case reexec
    case changeFlow(FlowDeed)
    case status
    /// One handover, or nil for all.
    case history(Int?)
}

/// What is to become of the flow of a peer.
package struct FlowDeed: Equatable, Sendable {
    /// `HOST:PORT`, as it was asked for.
    package let peer: String
    /// Where its datagrams arrive; nil where the listener's address tells it.
    package let to: String?
    /// A listener by its address or name; nil for all.
    package let listener: String?
    /// Whether the current generation gets it; else it is forgotten.
    package let moves: Bool

    package init(peer: String, to: String? = nil, listener: String? = nil, moves: Bool) {
        self.peer = peer
        self.to = to
        self.listener = listener
        self.moves = moves
    }
}

/// As whom somebody asks.
package enum Role: Hashable, Sendable {
    /// The service's owner or root, who may ask for everything.
    case owner
    /// A member of the control group.
    case member
}

/// How long an asker wants the last reply held back.
package enum Wait: Equatable, Sendable {
    case none, flip, drained
}

/// What a stop signal is for, as far as the service manager tells.
package enum StopPurpose: Equatable, Sendable {
    /// A stop of the service, or nobody knows.
    case stop
    /// Only this process ends; the service goes on with the next one.
    case restart
    /// The system shuts down, and waits no longer than this.
    case shutdown(within: Duration)
}

/// A socket that is bound and in its group.
package struct BoundSocket: Hashable, Sendable {
    package let inode: UInt64
    /// Datagrams that the kernel has dropped at it so far.
    package let drops: Int
    /// Datagrams lost because a fresh socket had to take the place of the one before.
    package let lost: Int

    package init(inode: UInt64, drops: Int = 0, lost: Int = 0) {
        self.inode = inode
        self.drops = drops
        self.lost = lost
    }
}

/// Why the port could not do something, in one line for a person.
package struct PortFault: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String
    /// Whether more privilege would help.
    package let isPermission: Bool

    package init(_ description: String, isPermission: Bool = false) {
        self.description = description
        self.isPermission = isPermission
    }
}

/// What a look at a worker has shown.
package struct WorkerSight: Equatable, Sendable {
    /// By slot; a slot that is missing was not seen to be taken.
    package var sightings: [SlotID: SlotSighting]
    /// Slots whose sockets none of its processes has open, as far as that could be seen.
    package var unheld: Set<SlotID>
    /// Whether it has said something that was not handled yet.
    package var hasUnheard: Bool

    package init(
        sightings: [SlotID: SlotSighting], unheld: Set<SlotID> = [], hasUnheard: Bool = false
    ) {
        self.sightings = sightings
        self.unheld = unheld
        self.hasUnheard = hasUnheard
    }
}

/// What a look says of one slot.
package enum SlotSighting: Equatable, Sendable {
    case taken
    case notSeen
    case cannotObserve(String)
}

/// What became of a link.
package enum LinkResult: Equatable, Sendable {
    case made
    /// The peer has ended.
    case gone
    /// The peer does not read its channel.
    case busy
    case failed(String)
}
