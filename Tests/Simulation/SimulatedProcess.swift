import HandoverCore
import ServiceCore

/// How a version of the server behaves.
struct Behaviour {
    /// From the start to the moment in which it waits on its sockets; nil is never.
    var takesAfter: Duration? = .milliseconds(3)
    /// Whether it says READY=1 over sd_notify, and that after it has taken its sockets.
    var speaksNotify = false
    /// Whether it speaks the worker channel.
    var speaksChannel = false
    /// How long each of its processes lives; nil is for ever.
    var crashesAfter: Duration?
    /// Whether the stop signal ends it.
    var heedsStop = true
    var stopsWithin = Duration.milliseconds(5)
    /// When it stops to read, though it lives on.
    var hangsAfter: Duration?
    /// Whether it takes its sockets out of use when it ends (shutdown(2)).
    var shutsDown = false

    /// Whether each datagram that reaches it is answered in the end.
    var isSound: Bool { takesAfter != nil && hangsAfter == nil && heedsStop && !shutsDown }

    /// A version by the dice.
    static func random(_ random: inout SeededRandom, isHostile: Bool) -> Behaviour {
        var behaviour = Behaviour()
        behaviour.takesAfter = random.time(200...20_000)
        behaviour.speaksNotify = random.oneIn(3)
        behaviour.speaksChannel = random.oneIn(3)
        behaviour.stopsWithin = random.time(100...30_000)
        guard isHostile else { return behaviour }
        if random.oneIn(6) { behaviour.takesAfter = nil }
        if random.oneIn(5) { behaviour.crashesAfter = random.time(100...3_000_000) }
        if random.oneIn(8) { behaviour.heedsStop = false }
        if random.oneIn(10) { behaviour.hangsAfter = random.time(1_000...5_000_000) }
        if random.oneIn(12) { behaviour.shutsDown = true }
        return behaviour
    }
}

/// One process of the server.
struct SimulatedProcess {
    let pid: Int32
    let id: WorkerID
    let behaviour: Behaviour
    /// Its sockets, by slot.
    let sockets: [SlotID: UInt64]
    /// Whether it waits on its sockets.
    var takes = false
    var hangs = false
    var isEnding = false
    /// Whether it was started when its generation was on its way out, to read what is left.
    var isLate = false
}

/// What a process does by itself.
enum ProcessAction {
    case take, crash, hang, end
    /// Says WATCHDOG=1.
    case alive
    case report
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

    let number: Int
    var kept: [KeptName: Kept] = [:]
    var children: [WorkerID: Child] = [:]
    /// Processes that it was asked for and has not started yet.
    var orders: [WorkerID: [SlotID: UInt64]] = [:]
}
