import Keeper
import Kernel
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
        _ former: FormerRecord, in file: consuming RecordFile, _ remains: Remains,
        _ surroundings: Surroundings
    ) {
        record = former.record
        recordFile = consume file
        settings = former.settings
        kept = remains.kept
        workers = remains.allWorkers(knownFrom: former.record)
        storedNames = remains.storedNames
        keeperIsNew = remains.keeper == nil
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
        let remains = try Remains(stored, runtime, settings, loop)
        guard let state = remains.kept.take(.state) else {
            guard remains.workers.isEmpty else {
                throw SupervisorError(
                    "the record of the supervisor before is missing: its workers serve on, kill "
                        + "\(remains.keeper?.pid ?? 0) ends them")
            }
            remains.keeper?.end()
            return nil
        }
        let file = MemoryFile(adopting: state)
        guard let former = try FormerRecord.read(file, remains, runtime) else {
            // Killed before it began, or after the end: there is nothing to go on with.
            remains.keeper?.end()
            return nil
        }
        let keeper: KeeperLink
        let recordFile: RecordFile
        let executable: String
        do throws(KernelError) {
            executable = try KeeperLink.ownExecutable()
            recordFile = try RecordFile.adopting(file)
        } catch {
            throw SupervisorError("\(error)")
        }
        if let found = remains.keeper {
            keeper = found
        } else {
            log.warning("the keeper is gone as well: another one takes its place")
            keeper = try Supervisor.startKeeper(executable, runtime, settings, loop)
        }
        let vault = Vault()
        vault.add(keeper)
        // Not handed over again after an exec in place.
        let isHeld =
            stored.isEmpty ? former.record.holdsLifeLine ?? false : remains.isLifeLineHeld
        return Legacy(
            former, in: recordFile, remains,
            Surroundings(
                runtime: runtime, log: log, loop: loop, vault: vault, keeper: keeper,
                executable: executable, holdsLifeLine: remains.keeper != nil && isHeld))
    }
}
