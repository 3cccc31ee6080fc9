import Adoption
import HandoverCore
import Kernel
import Synchronization

/// Counts what workers have besides their slots.
///
/// A socket at a port of its own counts from the second look on that finds it, so that one which only asks a
/// question is none. At the first look nobody knows how old one is: there all count.
///
/// What a look takes grows with the sockets of the machine, faster than they do where many share a port: the
/// kernel goes through them from the first one for each piece of its answer. So it is done beside the loop.
final class OutsideLook {
    /// One generation's looks.
    private struct Looks {
        let census = SharedCensus()
        /// The one that is under way.
        var errand: Errand<Result<OutsideSessions, KernelError>>?
        var begunAt = Duration.zero
        var found: Found?
        /// Not before that again, as long as there are sessions.
        var nextAt = Duration.zero
    }

    private struct Found {
        let at: Duration
        let ports: Set<UInt64>
        let count: OutsideCount
    }

    /// What is known of a generation's sockets, of which the thread that looks takes hold.
    private final class SharedCensus: Sendable {
        let value = Mutex(SessionCensus())
    }

    /// A look that is older than this says nothing about the next one.
    private static let memory = Duration.seconds(10)
    /// A look that took so long is not repeated before ten times that, and at the latest after this.
    private static let leastPause = 10
    private static let longestPause = Duration.seconds(5)

    private let processes: Processes
    private let sockets: Sockets
    private let binds: Binds
    private let loop: EventLoop
    private var looks: [GenerationID: Looks] = [:]
    private var hasWarned = false
    var warned: (String) -> Void = { _ in }

    init(_ processes: Processes, _ sockets: Sockets, _ binds: Binds, in loop: EventLoop) {
        self.processes = processes
        self.sockets = sockets
        self.binds = binds
        self.loop = loop
    }

    /// Counts the sessions of one generation; `answer` is called from the loop, or at once with what is known. Of
    /// one that is being counted there is one answer for all who ask.
    func count(
        _ generation: GenerationID, _ workers: [WorkerID], answer: @escaping (OutsideCount) -> Void
    ) {
        let now = MonotonicClock.now()
        // Of others nobody asks any more.
        looks = looks.filter {
            $0.key == generation || $0.value.errand != nil
                || ($0.value.found.map { now - $0.at <= Self.memory } ?? false)
        }
        var state = looks[generation] ?? Looks()
        if state.errand != nil { return }
        // What may be the last session is looked for at once.
        if let found = state.found, found.count.total > 0, now < state.nextAt {
            return answer(found.count)
        }
        let places = sockets.listeners.map(\.place)
        let ports = workers.reduce(into: Set<UInt16>()) { $0.formUnion(binds.ports(of: $1)) }
            .subtracting(places.map(\.address.port))
        let pids = workers.compactMap { processes[$0]?.pid }
        state.begunAt = now
        do throws(KernelError) {
            state.errand = try Errand(in: loop) { [census = state.census] in
                census.value.withLock { census in
                    Result { () throws(KernelError) in
                        try census.count(of: pids, listeners: places, ownPorts: ports)
                    }
                }
            } then: { [unowned self] result in
                answer(take(result, of: generation))
            }
            looks[generation] = state
        } catch {
            answer(failed(error))
        }
    }

    private func take(
        _ result: Result<OutsideSessions, KernelError>, of generation: GenerationID
    ) -> OutsideCount {
        guard var state = looks[generation] else { return OutsideCount() }
        let now = MonotonicClock.now()
        let pause = min((now - state.begunAt) * Self.leastPause, Self.longestPause)
        state.nextAt = now + pause
        state.errand = nil
        let sessions: OutsideSessions
        switch result {
        case .success(let found): sessions = found
        case .failure(let error):
            looks[generation] = state
            return failed(error)
        }
        // Ports that the look before has found as well.
        let lasting = state.found.map { sessions.ownPorts.intersection($0.ports) }
        let count = OutsideCount(
            connections: sessions.connections, connected: sessions.connectedSockets,
            ports: (lasting ?? sessions.ownPorts).count)
        state.found = Found(at: now, ports: sessions.ownPorts, count: count)
        looks[generation] = state
        return count
    }

    /// A drain must end on a system that does not tell.
    private func failed(_ error: KernelError) -> OutsideCount {
        if !hasWarned {
            warned("sessions outside the listeners' sockets cannot be seen: \(error)")
        }
        hasWarned = true
        return OutsideCount()
    }
}
