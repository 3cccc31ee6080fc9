import Adoption
import ChannelProtocol
import Kernel
import ServiceCore

/// The server that `relevo join` runs.
///
/// It ends with the process that runs it: nobody else could tell the supervisor of its end.
final class JoinedServer {
    /// Looks at a server that is not ready come as often.
    private static let lookInterval = Duration.milliseconds(20)
    /// And at one that is ready and leaves sockets unread.
    private static let readyInterval = Duration.seconds(1)
    private static let firstDescriptor: Int32 = 3
    /// How many messages are handled in one turn. The rest waits for the next turn.
    private static let batch = 32

    private let child: ChildProcess
    private let notify: NotifySocket
    private let loop: EventLoop
    /// How many sockets it was given, of each listener.
    private let given: [Int]
    private var judge: ReadinessJudge
    private var observer: ReadinessObserver
    private var tokens: [EventLoop.Token] = []
    private var look: EventLoop.Token?
    /// Those that nobody reads, as the supervisor was told last; nil before it is ready.
    private var unread: [Int]?
    private var ready: (([Int]) -> Void)?

    /// Starts it.
    ///
    /// - Parameters:
    ///   - ready: called when it is ready, and again when it has come to read more; with the numbers
    ///     of its sockets that nobody reads.
    ///   - exited: called when it has ended.
    init(
        _ plan: JoinPlan, _ welcome: Welcome, in loop: EventLoop,
        ready: @escaping ([Int]) -> Void, exited: @escaping (ProcessExit) -> Void
    ) throws {
        self.loop = loop
        self.ready = ready
        let listeners = welcome.listeners
        given = listeners.map(\.offered)
        judge = ReadinessJudge(rule: plan.ready, startedAt: MonotonicClock.now())
        judge.listeners = listeners
        let random = UInt64.random(in: 0 ... .max)
        let path = "@relevo-join.\(ProcessIdentity.processID).\(random)"
        notify = try NotifySocket(at: UnixAddress(path))
        let offered = welcome.sockets.enumerated().map { index, socket in
            OfferedSocket(
                name: socket.line.name, address: Self.hostAndPort(socket.line.address),
                number: Self.firstDescriptor + Int32(index))
        }
        let environment = WorkerEnvironment(
            sockets: offered, stored: welcome.stored.map(\.name),
            generation: welcome.generation, worker: welcome.worker, notifySocket: path)
        let variables = environment.variables(inheriting: Environment.strings())
        let arguments = try environment.arguments(replacingIn: plan.command)
        var spawn = SpawnPlan(
            executable: try resolveExecutable(arguments.first ?? ""), arguments: arguments,
            environment: variables)
        spawn.givesOwnPID = true
        spawn.session = .newGroup
        spawn.deathSignal = SignalNumber.kill
        var descriptors = DescriptorPlan()
        let given = welcome.sockets.map(\.descriptor) + welcome.stored.map(\.descriptor)
        for (index, descriptor) in given.enumerated() {
            try descriptors.place(descriptor, at: Self.firstDescriptor + Int32(index))
        }
        let inodes = try welcome.sockets.map { try $0.descriptor.inode() }
        child = try ChildProcess.spawn(spawn, descriptors: descriptors)
        observer = ReadinessObserver(worker: child.pid, sockets: inodes)
        tokens.append(
            try loop.register(child) { [unowned self] _ in
                // What it leaves running would read its sockets on.
                _ = try? child.signalGroup(SignalNumber.kill)
                guard let exit = try? child.takeExit() else { return }
                stop()
                exited(exit)
            })
        tokens.append(
            try loop.register(notify) { [unowned self] _ in
                if hear(), unread == nil { examine() }
            })
        scheduleLook()
    }

    func signal(_ signal: Int32) { _ = try? child.signal(signal) }

    func kill() { signal(SignalNumber.kill) }

    private func stop() {
        for token in tokens { loop.remove(token) }
        tokens = []
        if let look { loop.remove(look) }
        look = nil
        ready = nil
    }

    /// Takes in what was said to it; false where the server said nothing.
    @discardableResult
    private func hear() -> Bool {
        let own = ProcessIdentity.effectiveUser
        var wasSpokenTo = false
        for _ in 0..<Self.batch {
            guard let message = try? notify.receive(upTo: Notification.longest + 1) else { break }
            guard let sender = message.credentials, sender.uid == 0 || sender.uid == own,
                let notification = try? Notification(parsing: message.bytes)
            else { continue }
            wasSpokenTo = true
            judge.heard(
                isReady: notification.isReady, asksForTime: notification.extendTimeout != nil,
                at: MonotonicClock.now())
        }
        return wasSpokenTo
    }

    private func scheduleLook() {
        let interval = unread == nil ? Self.lookInterval : Self.readyInterval
        look = loop.schedule(at: MonotonicClock.now() + interval) { [unowned self] in
            // What it says counts more than what is seen of it.
            hear()
            examine()
            if ready == nil || unread == [] { look = nil } else { scheduleLook() }
        }
    }

    /// Looks at its sockets, and says so when it is ready or reads more than before.
    private func examine() {
        guard let ready, unread != [] else { return }
        let now = MonotonicClock.now()
        let sightings = observer.look(at: now)
        var seen = sightings[...]
        var unread: [Int] = []
        for (index, count) in given.enumerated() {
            let some = seen.prefix(count)
            seen = seen.dropFirst(count)
            let missing = some.indices.filter { !some[$0].isTaken }
            judge.listeners[index].taken = count - missing.count
            judge.listeners[index].blind = some.lazy.compactMap(\.obstacle).first
            // No look is possible and no socket was seen: the server is believed.
            let isBelieved = judge.listeners[index].blind != nil && missing.count == count
            if !isBelieved { unread += missing }
        }
        guard self.unread != nil || judge.isReady(at: now), unread != self.unread else { return }
        self.unread = unread
        ready(unread)
    }

    private static func hostAndPort(_ address: String) -> String {
        address.split(separator: "/", omittingEmptySubsequences: true).last.map(String.init)
            ?? address
    }
}

extension Sighting {
    fileprivate var isTaken: Bool {
        switch self {
        case .taken: true
        case .notSeen, .cannotObserve: false
        }
    }

    fileprivate var obstacle: String? {
        switch self {
        case .cannotObserve(let reason): reason
        case .taken, .notSeen: nil
        }
    }
}
