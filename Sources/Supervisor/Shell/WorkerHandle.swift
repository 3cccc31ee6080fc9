import Adoption
import HandoverCore
import Keeper
import Kernel
import ServiceCore

/// One worker's process, and what ties it to the supervisor: descriptors and registrations, no rules.
final class WorkerHandle {
    let id: WorkerID
    let process: KeptProcess
    let ends: WorkerEnds
    /// What it was told at its start; nil for a server that ran before.
    private let told: WorkerEnvironment?
    let isJoined: Bool
    private let loop: EventLoop
    private var exitToken: EventLoop.Token?
    /// Once it has ended.
    private var orphans: ProcessHunt?
    var outputs: [OutputPipe] = []
    var readyCommand: ReadyCommand?
    /// nil where it has none, or closed it.
    var channel: WorkerChannel?
    private var observer: ReadinessObserver

    /// - Parameter given: the numbers at which it was given sockets when it was started.
    init(
        _ id: WorkerID, _ process: KeptProcess, _ ends: WorkerEnds, told: WorkerEnvironment?,
        given: [UInt64: Int32] = [:], isJoined: Bool, in loop: EventLoop
    ) {
        self.id = id
        self.process = process
        self.ends = ends
        self.told = told
        self.isJoined = isJoined
        self.loop = loop
        observer = ReadinessObserver(worker: process.pid, sockets: [], given: given)
    }

    deinit { letGo() }

    var pid: Int32 { process.pid }

    /// What a command that checks on it finds in its environment. Made when it is wanted: a supervisor that
    /// takes over many workers wants few of them.
    var environment: [String] {
        (told?.variables(inheriting: Environment.strings()) ?? []) + ["MAINPID=\(pid)"]
    }

    /// Whether it has said something that was not handled yet.
    private var hasUnheard: Bool {
        func waits(_ holder: some DescriptorHolder) -> Bool { (try? holder.isReadable()) ?? false }
        if let notify = ends.notify, waits(notify) { return true }
        guard let channel, channel.isOpen, let end = ends.channel else { return false }
        return waits(end)
    }

    /// Looks at the process; each slot is named with its inode.
    func look(at slots: [(SlotID, UInt64)]) -> WorkerSight {
        observer.watch(slots.map(\.1))
        var found: [SlotID: SlotSighting] = [:]
        var unheld: Set<SlotID> = []
        for ((slot, inode), sighting) in zip(slots, observer.look(at: MonotonicClock.now())) {
            switch sighting {
            case .taken: found[slot] = .taken
            case .notSeen:
                found[slot] = .notSeen
                if observer.heldElsewhere?.contains(inode) == false { unheld.insert(slot) }
            case .cannotObserve(let reason): found[slot] = .cannotObserve(reason)
            }
        }
        return WorkerSight(sightings: found, unheld: unheld, hasUnheard: hasUnheard)
    }

    /// Sends a signal; nothing where the process is gone, or became another user's.
    ///
    /// - Returns: whether it is known to have arrived.
    @discardableResult
    func send(_ signal: Int32) -> Bool { (try? process.handle.signal(signal)) ?? false }

    /// Watches for its end without a keeper that tells it; nil where it is not known how it ended.
    func watch(ended: @escaping (ProcessExit?) -> Void) throws(KernelError) {
        if let exitToken { loop.remove(exitToken) }
        exitToken = try loop.register(process) { [unowned self] _ in
            if let exitToken { loop.remove(exitToken) }
            exitToken = nil
            process.endGroup()
            endOrphans { [unowned self] in
                orphans = nil
                findExit(until: MonotonicClock.now() + .milliseconds(200), ended)
            }
        }
    }

    /// Ends what it has left behind: its keeper, which would, is gone.
    private func endOrphans(then: @escaping () -> Void) {
        guard let mark = Reaping.mark(in: environment),
            let folder = Reaping.folder(ofMark: mark).flatMap({ KnownFolder($0) })
        else { return then() }
        let own = pid
        orphans = ProcessHunt(
            with: [Array(mark.utf8)], of: folder, in: loop, besides: { $0 == own }, ended: then)
    }

    /// The kernel tells how it ended only after somebody has reaped it.
    private func findExit(until deadline: Duration, _ ended: @escaping (ProcessExit?) -> Void) {
        let exit: ProcessExit?
        do throws(KernelError) {
            exit = try process.exit()
        } catch {
            return ended(nil)
        }
        let now = MonotonicClock.now()
        guard exit == nil, now < deadline else { return ended(exit) }
        exitToken = loop.schedule(at: now + .milliseconds(5)) { [unowned self] in
            exitToken = nil
            findExit(until: deadline, ended)
        }
    }

    /// Ends every registration; what it printed last is passed on first.
    func letGo() {
        for output in outputs {
            output.drain()
            output.close()
        }
        outputs = []
        readyCommand?.stop()
        readyCommand = nil
        ends.notify?.close()
        ends.calls?.close()
        channel?.close()
        channel = nil
        if let exitToken { loop.remove(exitToken) }
        exitToken = nil
        // Nobody else would.
        orphans?.finish()
        orphans = nil
    }
}
