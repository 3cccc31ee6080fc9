import Adoption
import ChannelProtocol
import Kernel
import Settings

/// The server that `relevo join` runs.
///
/// It ends with the process that runs it: nobody else could tell the supervisor of its end.
final class JoinedServer {
    /// Looks at a server that is not ready come as often.
    private static let lookInterval = Duration.milliseconds(20)
    private static let firstDescriptor: Int32 = 3
    /// Messages handled in one go, whoever sends them; the loop comes back for the rest.
    private static let batch = 32

    private let child: ChildProcess
    private let notify: NotifySocket
    private let loop: EventLoop
    private let rule: ReadyRule
    private let startedAt = MonotonicClock.now()
    private let sockets: Int
    private var observer: ReadinessObserver
    private var tokens: [EventLoop.Token] = []
    private var look: EventLoop.Token?
    private var speaksNotify = false
    private var saidReady = false
    private var ready: (() -> Void)?

    /// Starts it.
    ///
    /// - Parameters:
    ///   - ready: called once.
    ///   - exited: called when it has ended.
    init(
        _ plan: JoinPlan, _ welcome: Welcome, in loop: EventLoop,
        ready: @escaping () -> Void, exited: @escaping (ProcessExit) -> Void
    ) throws {
        self.loop = loop
        self.ready = ready
        rule = plan.ready
        sockets = welcome.sockets.count
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
        tokens.append(try loop.register(notify) { [unowned self] _ in hear() })
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

    private func hear() {
        let own = ProcessIdentity.effectiveUser
        var wasSpokenTo = false
        for _ in 0..<Self.batch {
            guard let message = try? notify.receive(upTo: Notification.longest + 1) else { break }
            guard let sender = message.credentials, sender.uid == 0 || sender.uid == own,
                let notification = try? Notification(parsing: message.bytes)
            else { continue }
            wasSpokenTo = true
            speaksNotify = true
            saidReady = saidReady || notification.isReady
        }
        if wasSpokenTo { judge() }
    }

    private func scheduleLook() {
        look = loop.schedule(at: MonotonicClock.now() + Self.lookInterval) { [unowned self] in
            judge()
            if ready != nil { scheduleLook() }
        }
    }

    private func judge() {
        guard let ready, isReady(at: MonotonicClock.now()) else { return }
        self.ready = nil
        ready()
    }

    /// The rules of a worker that the supervisor has started: a socket offered is not one taken.
    private func isReady(at now: Duration) -> Bool {
        let sightings = observer.look(at: now)
        let taken = sightings.count { if case .taken = $0 { true } else { false } }
        let isBlind = sightings.contains { if case .cannotObserve = $0 { true } else { false } }
        let isTaken = taken > 0 || isBlind
        let age = now - startedAt
        switch rule {
        case .auto where speaksNotify: return saidReady && isTaken
        case .auto: return taken == sockets || isBlind && age >= ReadinessObserver.patience
        case .notify: return saidReady && isTaken
        case .alive(let time): return age >= time && isTaken
        case .exec: return false
        }
    }

    private static func hostAndPort(_ address: String) -> String {
        address.split(separator: "/", omittingEmptySubsequences: true).last.map(String.init)
            ?? address
    }
}
