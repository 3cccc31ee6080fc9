package import ChannelProtocol
package import HandoverCore
package import Settings

/// What the supervisor asks of the kernel, of the keeper, of the service manager and of those who
/// talk to it. The port carries verbs out in order, and never waits.
package enum Verb: Equatable, Sendable {
    /// Survives the supervisor's death.
    case duty(Duty)

    // MARK: Sockets. A successor derives these again from the state.

    /// Bind a socket into its group, not steered to. Answered by `slotBound` or `bindFailed`.
    case bind(SlotID)
    /// Bring a slot's socket to a known state before it is lent again (design, 6.3); a fresh socket
    /// takes its place where that cannot be done, or where a process that its worker has left may read it.
    /// Answered by `slotBound` or `bindFailed`.
    case renew(SlotID, afterWorker: Bool)
    /// Get a socket back that was not kept, from the worker that has it. Answered by `slotRecovered` or
    /// `slotLost`.
    case recover(SlotID, from: WorkerID, inode: UInt64)
    /// Have the sockets of a socket unit get all that comes for these slots, the first ones of the service.
    case beginGiven([SlotID])
    /// Count the live flows of every slot, and read what the listeners have been sent. Answered by
    /// `flowsCounted`.
    case countFlows
    /// Count what these workers of a generation, and their descendants, have besides their slots. Answered
    /// by `outsideCounted`.
    case countOutside(GenerationID, [WorkerID])
    /// Look whether anything waits to be read in these slots. Answered by `queuesSeen`.
    case lookAtQueues([SlotID], QueueLook)
    /// See how workers use what they have bound at adopted addresses. Answered by `adoptedSeen`.
    case lookAtAdopted([BoundSlots], AdoptedLook)
    /// Look at what ought to be so. Answered by `observed`.
    case observe(Expected)
    /// Put a fresh socket into a slot and leave the one that is there to its worker. Answered by
    /// `slotExchanged` or `bindFailed`.
    case exchange(SlotID)
    /// Make a listener of an address that a worker binds. Answered by `listenerMade` or `listenerFailed`.
    case makeListener(AdoptedListener, CallID)
    /// Make a listener that the settings have come to name; nothing is bound yet. Answered by `listenerAdded` or
    /// `listenerNotAdded`.
    case addListener(Int, ListenerSettings)
    /// Bind a listener elsewhere, nobody having been served. Answered by `listenerMade` or `listenerFailed`.
    case moveListener(Int, to: SocketPlace, BindFacts, CallID)

    // MARK: Programs

    /// Find the files that the generation's command means, unless it runs those of an earlier one, and hold
    /// the executable. Answered by `identified`.
    case identify(GenerationID)
    /// Find the files that a command means now, and hold nothing. Answered by `programFound` with this number.
    case findProgram(Int, [String])
    /// Have the settings of the file be what these lines say, as far as they may change while workers run. Answered by
    /// `settingsRestored` with this number.
    case restoreSettings(Int, [String])
    /// Let go of a program that nothing can be started from again.
    case forgetProgram(GenerationID)

    // MARK: The history

    /// Say when a handover began. Answered by `stamped`.
    case stamp(RequestID)
    /// Read what earlier lives of the service have left. Answered by `historyRead`.
    case readHistory
    /// Have the history as it is now take the place of what is in its file. Answered by `historyWritten`; until then
    /// there is no second one.
    case writeHistory

    // MARK: Processes

    /// Start the worker's process on its slots. Answered by `workerSpawned` or `spawnFailed`.
    case spawn(WorkerID)
    /// Give up a worker that the keeper was asked for: if it starts late it is ended. Answered by
    /// `spawnFailed`.
    case abandon(WorkerID)
    /// Kill a process that belongs to no worker of ours any more.
    case killStray(pid: Int32)
    /// Kill a process that still says it comes from a worker which has ended.
    case endLeftover(pid: Int32, of: WorkerID)
    /// Take up a worker that an earlier supervisor has started.
    case takeUp(WorkerID)
    /// Look whether a worker has taken its sockets. Answered by `workerSeen`.
    case look(WorkerID)
    /// Run the command of the ready rule `exec:`, until it succeeds. Answered by `readyCommandSucceeded`.
    case runReadyCommand(WorkerID)
    case stopReadyCommand(WorkerID)
    /// Run the check of a new generation, once, and no longer than a minute. Answered by `checkEnded`.
    case runCheck(GenerationID, step: Int, command: [String])
    /// Say what all listeners have dropped, ever, for this generation. Answered by `dropsSeen`.
    case countDrops(GenerationID)
    /// Run a hook, once, and no longer than its limit. Answered by `hookEnded`.
    case runHook(HookRun)
    /// Watch for the end of a process that is no child of the keeper's.
    case watchExit(WorkerID)
    /// Start another keeper in the place of one that has died, and have it hold all that is there. Answered by
    /// `keeperRenewed` or `keeperFailed`.
    case renewKeeper(starting: [WorkerID])
    /// Have a keeper that is another one hold all that is there.
    case fillKeeper

    // MARK: Talk. Lost with the supervisor.

    /// Say something over a worker's channel.
    case say(WorkerID, SupervisorMessage, request: UInt64?, lending: [Lent])
    /// Make a link between two workers. Answered by `linkMade`.
    case link(LinkOrder)
    /// Pin or unpin a flow. Answered by `flowPinned`.
    case pin(FlowOrder)
    /// Keep descriptors that a worker wants stored under these numbers.
    case store(ReceivedID, numbers: [Int?])
    /// Give a joining process the index of a worker. Answered by `joinerSeated`.
    case seat(JoinerID, WorkerID)
    case refuseJoiner(JoinerID, ChannelErrorCode, reason: String)
    /// Put a slot's socket in the place of the one that a worker binds. Answered by `bindAnswered`.
    case answerBind(CallID, SlotID)
    /// Put the second slot's socket in the place of the first one's, which the worker has, and that one in the place
    /// of what it binds. Answered by `bindAnswered` with the first.
    case exchangeBind(CallID, SlotID, by: SlotID)
    /// Leave a call of bind(2) to the kernel.
    case leaveBind(CallID)
    /// See whether the worker still has these slots' sockets. Answered by `holdersSeen`.
    case findHolders(CallID, WorkerID, [SlotID])

    // MARK: People and the service manager

    case tell(AskerID, Reply)
    /// End a flow, or hand it to the current generation, and tell who has asked. What the table says is all that is
    /// known of it: nothing is lost with it.
    case changeFlow(AskerID?, FlowDeed)
    case announce(Notice)
    /// What the service manager is told; sent only where it has changed.
    case report(ManagerReport)
    /// Have the service manager keep descriptors too. Answered by `storeHeld` or `storeLost`.
    case useStore
    /// End this process and leave the service to the next supervisor.
    case leave
    /// Replace this program by the one that is installed now.
    case reexec(AskerID?)
    /// The service is over.
    case end(ServiceEnd)
}

/// Why queues are looked at.
package enum QueueLook: Equatable, Sendable {
    /// A generation retires or makes room.
    case emptying(GenerationID)
    /// A worker is gone, and its flows were steered elsewhere.
    case left(WorkerID)
}

/// A descriptor that is lent to a worker with a message.
package enum Lent: Hashable, Sendable {
    case slot(SlotID)
    case stored(Int)
}

/// A link between two workers.
package struct LinkOrder: Equatable, Sendable {
    package let asker: WorkerID
    package let request: UInt64?
    package let peer: WorkerID
    package let asked: SupervisorMessage
    package let offered: SupervisorMessage
}

/// A flow to be pinned to a worker's slot, or ended.
package struct FlowOrder: Equatable, Sendable {
    package let worker: WorkerID
    package let request: UInt64?
    package let flow: FlowName
    package let slot: SlotID
    /// False ends it.
    package let pins: Bool
}

/// What the service manager is told of the service.
package struct ManagerReport: Equatable, Sendable {
    package var status: String
    package var isReady: Bool
    package var isStopping: Bool
    /// Whether a stop takes as long as its drain.
    package var asksForTime: Bool
}
