import HandoverCore
import Keeper
import Kernel
import ServiceCore
import Settings
import Systemd

/// What lies in the places where a predecessor kept it, not looked into yet.
struct FoundPredecessor {
    /// nil where it is gone as well, or there was none.
    let keeper: KeeperLink?
    let kept: KeptDescriptors
    /// Those that the keeper has.
    let workers: [PredecessorWorker]
    /// What the service manager's fd store holds.
    let storedNames: Set<String>
    /// Whether the life line that lay in the store has its other end.
    let isLifeLineHeld: Bool

    /// Gathers all that is left; what is found is held by this process from then on.
    ///
    /// - Parameter stored: what the service manager has kept for us.
    /// - Throws: that the service has a supervisor, or that its keeper does not answer.
    init(
        _ stored: [InheritedDescriptor], _ runtime: RuntimeDirectory, _ settings: ServiceSettings,
        _ loop: EventLoop
    ) throws(SupervisorError) {
        var lifeLine: UnixConnection?
        let line = stored.first { $0.name == Places.lifeLineName }
        if let line { lifeLine = UnixConnection(adopting: line.take()) }
        keeper = try Self.reach(lifeLine, runtime, settings, loop)
        kept = KeptDescriptors()
        if let keeper {
            workers = try Self.takeContents(of: keeper, into: kept)
        } else {
            workers = []
        }
        // After the keeper's, which are never behind: the manager may not have been told the last.
        for descriptor in stored where descriptor !== line {
            kept.add(descriptor.take(), named: descriptor.name)
        }
        storedNames = Set(stored.map(\.name))
        isLifeLineHeld = Self.isHeld(lifeLine)
    }

    /// The workers, those included whose processes the service manager alone has kept.
    func allWorkers(knownFrom state: PredecessorState) -> [PredecessorWorker] {
        let others: [PredecessorWorker] = kept.workers.compactMap { id in
            if workers.contains(where: { $0.id == id }) {
                _ = kept.take(.worker(id, .process))
                return nil
            }
            // One that nobody knows any more is left here, so that its keeper is told to forget it.
            guard case .running(let pid) = state.workers[id]?.process?.life,
                let process = kept.take(.worker(id, .process))
            else { return nil }
            return PredecessorWorker(
                id, pid: pid, process: KeptProcess(pid, process), isKeepers: false)
        }
        return workers + others
    }

    /// Whether somebody is at the other end.
    private static func isHeld(_ lifeLine: borrowing UnixConnection?) -> Bool {
        switch lifeLine {
        case .some(let lifeLine): !((try? lifeLine.wait(for: .readable, within: .zero)) ?? true)
        case nil: false
        }
    }

    private static func reach(
        _ lifeLine: borrowing UnixConnection?, _ runtime: RuntimeDirectory,
        _ settings: ServiceSettings, _ loop: EventLoop
    ) throws(SupervisorError) -> KeeperLink? {
        do throws(KeeperError) {
            return try KeeperLink.connect(at: runtime.keeperPath, settings.stopRule, in: loop)
        } catch {
            switch error {
            case .refused:
                throw SupervisorError(
                    "\(settings.name) is running already, \(error); relevo upgrade "
                        + "\(settings.name) upgrades it, --name gives another name")
            case .unreachable, .lost: break
            case .silent, .failed: throw SupervisorError("\(error)")
            }
        }
        // Its socket may be gone with the runtime folder, which systemd makes anew at a restart.
        switch lifeLine {
        case .some(let lifeLine):
            do throws(KeeperError) {
                return try KeeperLink.connect(over: lifeLine, settings.stopRule, in: loop)
            } catch {
                switch error {
                case .unreachable, .lost: return nil
                case .refused, .silent, .failed: throw SupervisorError("\(error)")
                }
            }
        case nil: return nil
        }
    }

    private static func takeContents(
        of keeper: KeeperLink, into kept: KeptDescriptors
    ) throws(SupervisorError) -> [PredecessorWorker] {
        do throws(KeeperError) {
            let contents = try keeper.contents()
            for name in contents.names {
                if let descriptor = contents.take(name) { kept.add(descriptor, named: name) }
            }
            return contents.workers.compactMap { worker in
                WorkerID(kept: worker.name).map {
                    PredecessorWorker(
                        $0, pid: worker.pid, process: worker.process, isKeepers: true)
                }
            }
        } catch {
            throw SupervisorError("\(error)")
        }
    }
}
