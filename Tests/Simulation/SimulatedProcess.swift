import HandoverCore
import ServiceCore

/// One process of the server.
struct SimulatedProcess {
    let pid: Int32
    /// nil for one that has not joined yet.
    var id: WorkerID?
    let behaviour: Behaviour
    /// When its sessions outside the slots end: accepted connections, connected sockets, ports of its own.
    var outside: [[Int64]] = []
    /// Whether it has said, at any time, that it has no session any more.
    var saysDrained = false
    /// Its sockets, by slot.
    var sockets: [SlotID: UInt64]
    /// The slots that it waits on.
    var reads: Set<SlotID> = []
    /// Whether it has come so far that it serves.
    var takes = false
    var hangs = false
    var isEnding = false
    /// Whether it was started when its generation was on its way out, to read what is left.
    var isLate = false
    /// Whether its main process is gone: nobody waits for it any more.
    var isOrphan = false
    /// Whether it has asked for what ends healthy ones: a watchdog's end, say.
    var hasAskedForIt = false
    /// The group that it joins, where nobody has started it.
    var joins: PlannedJoiner?
    var joiner: JoinerID?
    /// The numbers of requests over its channel that wait for an answer.
    var open: Set<UInt64> = []
    var lastRequest: UInt64 = 0
    /// The calls of bind(2) that it still has to make.
    var bindsLeft: [SocketPlace] = []
    /// What it waits for.
    var call: CallID?
}

/// How a worker's process ended.
struct LastEnd {
    /// Whether it served and was told to stop before, so that it has read what it was sent by then.
    let wasAsked: Bool
    /// Whether new flows wait for the next one.
    let wasCurrent: Bool
    /// Whether somebody else would have to start the next one.
    let isJoined: Bool
    /// For how many microseconds nobody could tell the supervisor.
    let hiddenFor: Int64
}

/// What a process does by itself.
enum ProcessAction {
    case take, crash, hang, end
    /// The keeper ends it, which its worker has left behind.
    case endOrphan
    /// Says WATCHDOG=1.
    case alive
    case report
    case speak
    case bind
    case bindAgain
    /// Connects to the supervisor, to join.
    case greet
}

/// The keeper: another process, which lives on when the supervisor dies.
struct SimulatedKeeper {
    enum Kept {
        case socket(UInt64)
        case other
    }

    /// A process that it has started.
    struct Child {
        let pid: Int32
        /// nil as long as it runs.
        var exit: WorkerExit?
    }

    /// What it was asked for and has not started yet.
    struct Order {
        let sockets: [SlotID: UInt64]
        let version: Int
        var isLate: Bool
    }

    let number: Int
    var kept: [KeptName: Kept] = [:]
    var children: [WorkerID: Child] = [:]
    var orders: [WorkerID: Order] = [:]
}

/// Somebody who asked for something.
struct Asker {
    let wish: Wish
    let wait: Wait
    let incarnation: Int
    /// Whether the supervisor has taken it in.
    var isHeard = false
    var answers = 0
}
