internal import Synchronization

/// This process as a worker of a Relevo service: its sockets, what it is told and what it tells.
///
/// Make one, before other threads start: it takes its channel out of the environment. Without a
/// supervisor every call does what helps while a program is written: sockets are bound, nothing
/// drains, nothing is kept. Where there is no supervisor but systemd, `LISTEN_FDS` and
/// `NOTIFY_SOCKET` are used.
///
/// Usable from every thread; calls that wait for the supervisor keep the others waiting.
public final class RelevoWorker: Sendable {
    let core: Mutex<WorkerCore>
    /// Readable when `nextEvent()` has something; for epoll(7), poll(2) and every event loop. It
    /// stays this object's: never read it, never close it.
    public let eventDescriptor: CInt

    /// Finds the supervisor, and waits at most `limit` for it to answer.
    ///
    /// `group`, `workers` and `command` are for a worker that the supervisor did not start
    /// (`RELEVO_SOCKET`): workers of the same group are one generation, which is whole with that
    /// many of them.
    public convenience init(
        group: String? = nil, workers: Int? = nil, command: String? = nil,
        within limit: Duration = .seconds(30)
    ) throws(RelevoError) {
        let wishes = JoinWishes(
            group: group.map { Array($0.utf8) }, workers: workers.map { UInt64(clamping: $0) },
            command: command.map { Array($0.utf8) })
        try self.init(.look(), joining: wishes, within: limit)
    }

    init(
        _ around: StartEnvironment, joining wishes: JoinWishes = JoinWishes(),
        within limit: Duration = .seconds(30)
    ) throws(RelevoError) {
        let core = try WorkerCore.start(around, joining: wishes, within: limit.nanoseconds)
        eventDescriptor = core.readiness.number
        self.core = Mutex(core)
    }

    /// Whether a supervisor listens; false also once the service is over.
    public var isSupervised: Bool { core.withLock { $0.isSupervised } }

    /// The service's name; empty without a supervisor.
    public var service: String {
        core.withLock { String(decoding: $0.standing.service, as: UTF8.self) }
    }

    /// The generation's number, from 1; 0 without a supervisor.
    public var generation: UInt64 { core.withLock { $0.standing.generation } }

    /// The index in the generation, from 0.
    public var index: UInt64 { core.withLock { $0.standing.worker } }

    /// How many workers the generation has.
    public var workers: UInt64 { core.withLock { $0.standing.workers } }

    /// The listeners of the service, by the sockets that this worker was given.
    public var listeners: [GivenListener] {
        core.withLock { core in core.sockets.map { GivenListener($0) } }
    }

    /// The socket of the listener with this name, or with this address (`udp://[::]:4433`); the
    /// caller owns it. Once each: a second call gives the next one, or throws `noSuchListener`.
    ///
    /// Without a supervisor it is bound to the address, with SO_REUSEPORT. It may be a blocking
    /// one and shares that with the supervisor: use MSG_DONTWAIT rather than change it, but for
    /// a library that insists.
    public func socket(
        _ name: String = "", orBind address: String
    ) throws(RelevoError) -> CInt {
        try locked { core throws(RelevoError) in
            try core.takeSocket(Array(name.utf8), orBind: Array(address.utf8))
        }
    }

    /// Says that all sockets are being served. New flows come when the whole generation is ready.
    public func ready() throws(RelevoError) {
        try locked { core throws(RelevoError) in try core.ready() }
    }

    /// Says that this worker cannot serve, and why; then end the process.
    public func failed(
        _ reason: String, within limit: Duration = .seconds(5)
    ) throws(RelevoError) {
        try locked { core throws(RelevoError) in
            try core.failed(Array(reason.utf8), within: limit.nanoseconds)
        }
    }

    /// Says how many sessions there are, as often as it changes, some times a second at most. A
    /// count above 0 holds the drain until 0 or `drained()` is said, however idle the flows are.
    public func sessions(_ count: Int) throws(RelevoError) {
        try locked { core throws(RelevoError) in
            try core.sessions(UInt64(clamping: count))
        }
    }

    /// Says, in a drain, that no session is left and that this worker may be stopped. Before it
    /// read the sockets until they are empty.
    public func drained() throws(RelevoError) {
        try locked { core throws(RelevoError) in try core.drained() }
    }

    /// Asks to be drained, for a worker that somebody else is about to end.
    public func leave(within limit: Duration = .seconds(30)) throws(RelevoError) {
        try locked { core throws(RelevoError) in try core.leave(within: limit.nanoseconds) }
    }

    /// The next thing that the supervisor says, or nil when there is none; never waits. When
    /// `eventDescriptor` is readable, call it until it is nil.
    public func nextEvent() throws(RelevoError) -> WorkerEvent? {
        try locked { core throws(RelevoError) in try core.nextEvent().map { WorkerEvent($0) } }
    }

    func locked<Result: Sendable>(
        _ body: (WorkerCore) throws(RelevoError) -> Result
    ) throws(RelevoError) -> Result {
        try core.withLock { core throws(RelevoError) in try body(core) }
    }
}
