import Adoption
import HandoverCore
import Kernel

/// Counts what workers have besides their slots.
///
/// A socket at a port of its own counts from the second look on that finds it, so that one which only asks a
/// question is none. At the first look nobody knows how old one is: there all count.
final class OutsideLook {
    private struct Look {
        let at: Duration
        let ports: Set<UInt64>
    }

    /// A look that is older than this says nothing about the next one.
    private static let memory = Duration.seconds(5)

    private let processes: Processes
    private let sockets: Sockets
    private let binds: Binds
    private var looks: [GenerationID: Look] = [:]
    /// What is known of the sockets of generations that are counted.
    private var censuses: [GenerationID: SessionCensus] = [:]
    private var hasWarned = false
    var warned: (String) -> Void = { _ in }

    init(_ processes: Processes, _ sockets: Sockets, _ binds: Binds) {
        self.processes = processes
        self.sockets = sockets
        self.binds = binds
    }

    func count(_ generation: GenerationID, _ workers: [WorkerID]) -> OutsideCount {
        let places = sockets.listeners.map(\.place)
        let ports = workers.reduce(into: Set<UInt16>()) { $0.formUnion(binds.ports(of: $1)) }
            .subtracting(places.map(\.address.port))
        do throws(KernelError) {
            let found = try censuses[generation, default: SessionCensus()].count(
                of: workers.compactMap { processes[$0]?.pid }, listeners: places, ownPorts: ports)
            return OutsideCount(
                connections: found.connections, connected: found.connectedSockets,
                ports: lasting(found.ownPorts, of: generation).count)
        } catch {
            // A drain must end on a system that does not tell.
            if !hasWarned {
                warned("sessions outside the listeners' sockets cannot be seen: \(error)")
            }
            hasWarned = true
            return OutsideCount()
        }
    }

    /// The sockets among these that the look before has found as well.
    private func lasting(_ found: Set<UInt64>, of generation: GenerationID) -> Set<UInt64> {
        let now = MonotonicClock.now()
        looks = looks.filter { now - $0.value.at <= Self.memory }
        censuses = censuses.filter { looks[$0.key] != nil || $0.key == generation }
        defer { looks[generation] = Look(at: now, ports: found) }
        return looks[generation].map { found.intersection($0.ports) } ?? found
    }
}
