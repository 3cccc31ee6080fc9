import Adoption
import HandoverCore
import Keeper
import Kernel
import ServiceCore

/// Looks from time to time for processes that have something of the service and come from no running worker.
final class StrayLook {
    /// A look is not repeated before so many times the work that it was, and costs a three hundredth of a core.
    private static let leastPause = 300
    private static let shortestPause = Duration.milliseconds(900)
    private static let longestPause = Duration.seconds(10)

    private let processes: Processes
    private let sockets: Sockets
    private let places: Places
    private let runtime: RuntimeDirectory
    private let loop: EventLoop
    /// The one that is under way.
    private var errand: Errand<(strays: [StrayCensus.Stray], work: Duration)>?
    private var nextAt = Duration.zero
    private var found: [Int32] = []

    init(
        _ processes: Processes, _ sockets: Sockets, _ places: Places, in runtime: RuntimeDirectory,
        _ loop: EventLoop
    ) {
        self.processes = processes
        self.sockets = sockets
        self.places = places
        self.runtime = runtime
        self.loop = loop
    }

    /// Those of the last look that are so still; another look is begun if it is time.
    func strays() -> [Observation.Stray] {
        let isDue = errand == nil && MonotonicClock.now() >= nextAt
        guard isDue || !found.isEmpty else { return [] }
        let census = self.census
        if isDue { begin(census) }
        return found.compactMap { census.look(at: $0) }.map {
            Observation.Stray(
                pid: $0.pid, name: $0.name,
                worker: $0.mark.flatMap { WorkerID(kept: "worker.\($0)") }, isOurs: $0.isOurs,
                inodes: $0.inodes)
        }
    }

    private var census: StrayCensus {
        StrayCensus(
            workers: Set(processes.all.map(\.pid)),
            parents: [ProcessView.own, places.keeper.pid],
            mark: Reaping.mark(of: "\(runtime.notifyFolder)/"),
            of: KnownFolder(runtime.notifyFolder),
            inodes: Set(sockets.listeners.flatMap { $0.slots.values.map(\.inode) }))
    }

    private func begin(_ census: StrayCensus) {
        // Where no thread can be had, the next look is as good.
        errand = try? Errand(in: loop) {
            // The thread is this look's alone.
            (census.look(), ProcessorTime.ofThread())
        } then: { [unowned self] look in
            errand = nil
            found = look.strays.map(\.pid)
            let pause = max(look.work * Self.leastPause, Self.shortestPause)
            nextAt = MonotonicClock.now() + min(pause, Self.longestPause)
        }
    }
}
