import HandoverCore
import Kernel
import Keeper
import Logging
import Settings
import Systemd

/// What a predecessor has left: its record, its descriptors and its workers.
final class Legacy {
    let record: Record
    /// What the predecessor was told.
    let settings: ServiceSettings
    let kept: KeptDescriptors
    let workers: [LeftWorker]
    let surroundings: Surroundings
    /// What the service manager's fd store holds.
    let storedNames: Set<String>
    /// Whether the keeper is another one, that has nothing yet.
    let keeperIsNew: Bool
    private var recordFile: RecordFile?

    private init(
        _ record: Record, in file: consuming RecordFile, settings: ServiceSettings,
        _ kept: KeptDescriptors, _ workers: [LeftWorker], stored: Set<String>, keeperIsNew: Bool,
        _ surroundings: Surroundings
    ) {
        self.keeperIsNew = keeperIsNew
        storedNames = stored
        self.record = record
        recordFile = consume file
        self.settings = settings
        self.kept = kept
        self.workers = workers
        self.surroundings = surroundings
    }

    /// The record's file, to be written on; once.
    func takeRecordFile() -> RecordFile {
        guard let file = recordFile.take() else { preconditionFailure("the record is taken") }
        return file
    }

    /// Looks for a service that runs on without its supervisor.
    ///
    /// - Parameter stored: what the service manager has kept for us.
    /// - Returns: nil where there is none.
    /// - Throws: that it has a supervisor, or that this version cannot take it over; then its
    ///   workers serve on and all stays as it is.
    static func find(
        _ stored: [InheritedDescriptor], _ runtime: RuntimeDirectory, _ settings: ServiceSettings,
        _ loop: EventLoop, _ log: Logger
    ) throws(SupervisorError) -> Legacy? {
        let kept = KeptDescriptors()
        var lifeLine: UnixConnection?
        let line = stored.first { $0.name == Supervisor.lifeLineName }
        if let line { lifeLine = UnixConnection(adopting: line.take()) }
        let executable = try ownExecutable()
        let found = try reach(lifeLine, runtime, settings, loop)
        var workers: [LeftWorker] = []
        if let found { workers = try contents(of: found, into: kept) }
        // After the keeper's, which are never behind: the manager may not have been told the last.
        for descriptor in stored where descriptor !== line {
            kept.add(descriptor.take(), named: descriptor.name)
        }
        guard let state = kept.take(.state) else {
            guard workers.isEmpty else {
                throw SupervisorError(
                    "the record of the supervisor before is missing: its workers serve on, kill "
                        + "\(found?.pid ?? 0) ends them")
            }
            found?.end()
            return nil
        }
        let file = MemoryFile(adopting: state)
        guard let record = try readRecord(in: file, found, workers, runtime) else {
            // Killed before it began, or after the end: there is nothing to go on with.
            found?.end()
            return nil
        }
        for id in kept.workers {
            guard let process = kept.take(.worker(id, .process)),
                !workers.contains(where: { $0.id == id }),
                let pid = record.workers.first(where: { $0.id == id })?.pid
            else { continue }
            workers.append(
                LeftWorker(id, pid: pid, process: KeptProcess(pid, process), isKeepers: false))
        }
        let former: ServiceSettings
        do {
            former = try ServiceSettings.parse(
                record.settings, file: "record", inheritsSockets: true)
        } catch {
            throw SupervisorError("the record of the supervisor before: \(error)")
        }
        if let fault = record.fault(listenerCount: former.listeners.count) {
            throw SupervisorError("the record of the supervisor before: \(fault)")
        }
        let keeper: KeeperLink
        if let found {
            keeper = found
        } else {
            log.warning("the keeper is gone as well: another one takes its place")
            keeper = try Supervisor.startKeeper(executable, runtime, settings, loop)
        }
        let vault = Vault()
        vault.add(keeper)
        // Not handed over again after an exec in place.
        let isHeld = stored.isEmpty ? record.holdsLifeLine ?? false : isAlive(lifeLine)
        let surroundings = Surroundings(
            runtime: runtime, log: log, loop: loop, vault: vault, keeper: keeper,
            executable: executable, holdsLifeLine: found != nil && isHeld)
        do throws(KernelError) {
            return Legacy(
                record, in: try RecordFile.adopting(file), settings: former, kept, workers,
                stored: Set(stored.map(\.name)), keeperIsNew: found == nil, surroundings)
        } catch {
            throw SupervisorError("the record of the supervisor before: \(error)")
        }
    }

    /// Whether somebody is at the other end.
    private static func isAlive(_ lifeLine: borrowing UnixConnection?) -> Bool {
        switch lifeLine {
        case .some(let lifeLine): !((try? lifeLine.wait(for: .readable, within: .zero)) ?? true)
        case nil: false
        }
    }

    private static func ownExecutable() throws(SupervisorError) -> String {
        do throws(KernelError) {
            return try KeeperLink.ownExecutable()
        } catch {
            throw SupervisorError("\(error)")
        }
    }

    /// The keeper that is there; nil where there is none.
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

    /// Takes over what the keeper has.
    private static func contents(
        of keeper: KeeperLink, into kept: KeptDescriptors
    ) throws(SupervisorError) -> [LeftWorker] {
        do throws(KeeperError) {
            let contents = try keeper.contents()
            for name in contents.names {
                if let descriptor = contents.take(name) { kept.add(descriptor, named: name) }
            }
            return contents.workers.compactMap { worker in
                WorkerID(kept: worker.name).map {
                    LeftWorker(
                        $0, pid: worker.pid, process: worker.process, isKeepers: true)
                }
            }
        } catch {
            throw SupervisorError("\(error)")
        }
    }

    /// The record; nil where the service has not begun, or has ended.
    private static func readRecord(
        in file: borrowing MemoryFile, _ keeper: KeeperLink?, _ workers: [LeftWorker],
        _ runtime: RuntimeDirectory
    ) throws(SupervisorError) -> Record? {
        do {
            let bytes: [UInt8]
            switch try RecordFile.read(file) {
            case .success(let found): bytes = found
            case .failure(.empty) where workers.isEmpty: return nil
            case .failure(let fault): throw fault
            }
            let record: Record
            do throws(Record.Refusal) {
                record = try Record.decode(bytes)
            } catch {
                try? writeFile(runtime.refusedRecordPath, bytes, mode: 0o600)
                throw error
            }
            if case .ended = record.machine.service { return nil }
            return record
        } catch {
            throw SupervisorError(
                "the record of the supervisor before cannot be taken over: \(error). Its workers "
                    + "serve on; a relevod that knows the record can take over (a copy is in "
                    + "\(runtime.refusedRecordPath))"
                    + (keeper.map { ", kill \($0.pid) ends them" } ?? ""))
        }
    }
}

/// A worker that a predecessor has started, as it is found.
struct LeftWorker {
    let id: WorkerID
    let pid: Int32
    /// nil when it has ended: the keeper tells how.
    let process: KeptProcess?
    /// Whether the keeper is its parent and tells its end.
    let isKeepers: Bool

    init(_ id: WorkerID, pid: Int32, process: KeptProcess?, isKeepers: Bool) {
        self.id = id
        self.pid = pid
        self.process = process
        self.isKeepers = isKeepers
    }
}
