import HandoverCore
import Keeper
import Kernel
import Logging
import ServiceCore
import Settings
import Systemd

/// The owner of the places where descriptors outlive the supervisor: the keeper and the service
/// manager's fd store.
final class Places {
    /// The life line's name in the fd store.
    static let lifeLineName = "lifeline"
    /// How long a busy service manager is waited for.
    private static let barrierTimeout = Duration.seconds(30)
    /// Likewise, by a process that is about to end.
    private static let settlingTimeout = Duration.seconds(1)

    private(set) var keeper: KeeperLink
    let vault: Vault
    let manager: ServiceManager
    private let loop: EventLoop
    private let log: Logger
    private let runtime: RuntimeDirectory
    private let executable: String
    private var store: FDStore?
    /// The service manager is asked what it may keep.
    private var question: Errand<OwnUnit?>?
    /// What a predecessor has left in the fd store.
    private var storedNames: Set<String>
    /// Descriptors that workers have stored, by their numbers.
    private var stored: [Int: ForeignDescriptor] = [:]
    private(set) var holdsLifeLine: Bool
    var report: (Input) -> Void = { _ in }
    var warned: (String) -> Void = { _ in }

    init(
        _ context: StartContext, storedNames: Set<String>, manager: ServiceManager
    ) {
        keeper = context.keeper
        vault = context.vault
        loop = context.loop
        log = context.log
        runtime = context.runtime
        executable = context.executable
        holdsLifeLine = context.holdsLifeLine
        self.storedNames = storedNames
        self.manager = manager
        vault.failed = { [log] name, error in
            log.critical("\(name) would not survive a crash of the supervisor: \(error)")
        }
    }

    // MARK: Keeping

    func keep(_ holder: borrowing some DescriptorHolder & ~Copyable, as name: KeptName) {
        vault.keep(holder, as: name)
    }

    /// Keeps what a worker speaks through.
    func keep(_ ends: WorkerEnds, of id: WorkerID, in place: (any VaultPlace)? = nil) {
        if let out = ends.out { vault.keep(out, as: .worker(id, .out), in: place) }
        if let err = ends.err { vault.keep(err, as: .worker(id, .err), in: place) }
        if let calls = ends.calls { vault.keep(calls, as: .worker(id, .calls), in: place) }
        if let notify = ends.notify { vault.keep(notify, as: .worker(id, .notify), in: place) }
        if let channel = ends.channel { vault.keep(channel, as: .worker(id, .channel), in: place) }
    }

    /// Lets go of all that was kept for a worker, and frees the name of its notify socket.
    func forgetEnds(of id: WorkerID) {
        _ = try? removeFile(runtime.notifyPath(of: id))
        for part in KeptName.WorkerPart.allCases { vault.forget(.worker(id, part)) }
    }

    // MARK: What workers have stored

    func store(_ descriptor: ForeignDescriptor, as number: Int) {
        stored[number] = descriptor
        vault.keep(descriptor, as: .stored(number))
    }

    /// Takes up what a predecessor has kept.
    func takeUp(_ descriptor: ForeignDescriptor, as number: Int) { stored[number] = descriptor }

    func forgetStored(_ numbers: [Int]) {
        for number in numbers {
            stored[number] = nil
            vault.forget(.stored(number))
        }
    }

    /// Keeps all of them in a place that has come later.
    func keepStored(in place: any VaultPlace) {
        for (number, descriptor) in stored {
            vault.keep(descriptor, as: .stored(number), in: place)
        }
    }

    func storedDescriptor(_ number: Int) -> ForeignDescriptor? { stored[number] }

    /// The number of a stored descriptor that is the same file.
    func duplicate(of descriptor: ForeignDescriptor) -> Int? {
        stored.first { $0.value.isDuplicate(of: descriptor) }?.key
    }

    func stored(_ entries: [StoredEntry]) -> [StoredDescriptor] {
        entries.compactMap { entry in
            stored[entry.number].map {
                StoredDescriptor(name: entry.name, descriptor: $0)
            }
        }
    }

    // MARK: The keeper

    /// A keeper for a service that has none.
    ///
    /// - Parameter waits: whether to wait until it runs. It can be asked and filled at once; who takes over from
    ///   a supervisor that has died with its keeper does not wait.
    static func startKeeper(
        _ executable: String, _ runtime: RuntimeDirectory, _ settings: ServiceSettings,
        _ loop: EventLoop, waits: Bool
    ) throws(SupervisorError) -> KeeperLink {
        let start = waits ? KeeperLink.start : KeeperLink.begin
        do throws(KeeperError) {
            return try start(executable, runtime.keeperPath, settings.stopRule, loop)
        } catch .refused {
            throw SupervisorError(
                "\(settings.name) is running already, with a supervisor or without: its keeper "
                    + "has \(runtime.keeperPath)")
        } catch {
            throw SupervisorError("\(error)")
        }
    }

    /// Has it told what becomes of a keeper that was begun and not waited for.
    func awaitKeeper() {
        keeper.greeted = { [unowned self] error in
            if let error {
                report(.keeperFailed(reason: "\(error)"))
            } else {
                log.notice("another keeper (pid \(keeper.pid)) has all")
            }
        }
    }

    /// Takes what the keeper tells.
    func watchKeeper(exited: @escaping (WorkerID, Int32, WorkerExit) -> Void) {
        keeper.exited = { [unowned self] name, pid, exit in
            guard let id = WorkerID(kept: name) else { return keeper.release(name) }
            exited(id, pid, WorkerExit(exit))
        }
        keeper.lost = { [unowned self] in report(.keeperLost(pid: keeper.pid)) }
        keeper.complained = { [unowned self] in log.error("\($0)") }
    }

    /// Puts another keeper in the place of one that has died. It can be asked and filled at once;
    /// `keeperRenewed` or `keeperFailed` comes later.
    func renewKeeper(_ settings: ServiceSettings) throws(KeeperError) {
        let next = try KeeperLink.begin(
            executable: executable, at: runtime.keeperPath, settings.stopRule, in: loop)
        next.greeted = { [unowned self, unowned next] error in
            if let error {
                report(.keeperFailed(reason: "\(error)"))
            } else {
                report(.keeperRenewed(pid: next.pid))
            }
        }
        vault.remove(keeper)
        keeper = next
        vault.add(keeper)
        holdsLifeLine = false
    }

    // MARK: The service manager

    /// Has the service manager keep everything as well, if there is one that does.
    ///
    /// The life line's end lies there alone. When the manager lets go of it the service has ended for
    /// good; where it does not take it in the first place, the keeper says so.
    func useStore(fill: @escaping (any VaultPlace) -> Void) {
        guard manager.channel != nil, Environment.value(of: "INVOCATION_ID") != nil else { return }
        do throws(KernelError) {
            question = try OwnUnit.ask(in: loop) { [unowned self] unit in
                useStore(of: unit, fill)
            }
        } catch {
            useStore(of: nil, fill)
        }
    }

    private func useStore(of unit: OwnUnit?, _ fill: (any VaultPlace) -> Void) {
        do {
            let store = try FDStore.find(
                behind: manager, unit: unit,
                holding: storedNames.union(store?.names ?? []))
            storedNames = []
            store.overflowed = { [unowned self] in
                warned(
                    "the fd store is full: raise FileDescriptorStoreMax= in the unit, or a restart "
                        + "finds only what the keeper has")
            }
            if let former = self.store { vault.remove(former) }
            self.store = store
            vault.add(store)
            fill(store)
            if !holdsLifeLine { try makeLifeLine(in: store) }
            keeper.lifeLineLost = { [unowned self] in loseStore("it does not hold the life line") }
        } catch {
            loseStore("\(error)")
        }
    }

    private func makeLifeLine(in store: FDStore) throws(KernelError) {
        var pair = try UnixConnectionPair(kind: .sequencedPacket)
        let keepers = SharedDescriptor(pair.takeFirst().intoDescriptor())
        // One that another keeper had, whether or not this store knows of it.
        store.forget(Self.lifeLineName)
        try store.keep(pair.takeSecond(), as: Self.lifeLineName)
        // Not before the manager has the other end: it would hang up if we died meanwhile.
        manager.channel?.barrier(within: Self.barrierTimeout) { [unowned self] isKept in
            guard isKept, self.store === store else { return loseStore("it does not answer") }
            do throws(KernelError) {
                keeper.holdLifeLine(UnixConnection(adopting: try keepers.duplicateDescriptor()))
                holdsLifeLine = true
                report(.storeHeld)
            } catch {
                loseStore("\(error)")
            }
        }
    }

    /// Calls `done` from the loop once service manager and keeper have all that they were given to keep, after
    /// 6 s at the latest: for a process that ends, or becomes another program. Meanwhile all goes on.
    func whenSettled(_ done: @escaping () -> Void) {
        guard store != nil, let channel = manager.channel else { return keeper.whenSettled(done) }
        channel.barrier(within: Self.settlingTimeout) { [unowned self] isKept in
            if !isKept { warnOfBusyManager() }
            keeper.whenSettled(done)
        }
    }

    private func warnOfBusyManager() {
        log.warning("the service manager is too busy to keep the last descriptors")
    }

    /// Takes back what the service manager keeps, for the service has ended; waits for it, 1 s at most.
    func emptyStore() {
        guard let store else { return }
        keeper.lifeLineLost = {}
        for name in store.names { store.forget(name) }
        // Nobody is served any more.
        if manager.channel?.settle(within: Self.settlingTimeout) == false { warnOfBusyManager() }
    }

    private func loseStore(_ reason: String) {
        holdsLifeLine = false
        if let store { vault.remove(store) }
        store = nil
        report(.storeLost(reason: reason))
    }
}

/// A descriptor that a worker has stored for its successors.
struct StoredDescriptor {
    let name: String
    let descriptor: ForeignDescriptor
}

extension ServiceSettings {
    /// How the keeper ends workers that no supervisor ends.
    var stopRule: StopRule { StopRule(signal: stopSignal.number, timeout: stopTimeout) }
}

extension WorkerExit {
    /// As the kernel told it.
    init(_ exit: ProcessExit) {
        switch exit {
        case .code(let status): self = .exited(status: status)
        case .signal(let signal, _): self = .killed(signal: signal)
        }
    }
}
