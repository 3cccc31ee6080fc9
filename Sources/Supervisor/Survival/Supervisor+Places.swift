import HandoverCore
import Keeper
import Kernel
import Logging
import Systemd

extension Supervisor {
    /// The life line's name in the fd store.
    static let lifeLineName = "lifeline"

    /// Has the service manager keep everything as well, if there is one that does.
    ///
    /// The life line's end lies there alone. When the manager lets go of it the service has ended for
    /// good; where it does not take it in the first place, the keeper says so.
    ///
    /// - Parameter names: what a predecessor has left there, the life line perhaps included.
    func useStore(holding names: Set<String> = []) {
        guard manager.channel != nil, Environment.value(of: "INVOCATION_ID") != nil else { return }
        do {
            let store = try FDStore.find(
                behind: manager, unit: OwnUnit.ask(), holding: names.union(store?.names ?? []))
            store.overflowed = { [unowned self] in
                warn(
                    "the fd store is full: raise FileDescriptorStoreMax= in the unit, or a restart "
                        + "finds only what the keeper has")
            }
            if let former = self.store { vault.remove(former) }
            self.store = store
            vault.add(store)
            keepEverything(in: store)
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
        manager.channel?.barrier(within: Self.patience) { [unowned self] isKept in
            guard isKept, self.store === store else {
                return loseStore("it does not answer")
            }
            do throws(KernelError) {
                keeper.holdLifeLine(UnixConnection(adopting: try keepers.duplicateDescriptor()))
                holdsLifeLine = true
                saveRecord()
                log.info("the service manager holds the keeper's life line")
            } catch {
                loseStore("\(error)")
            }
        }
    }

    /// How long a busy service manager is waited for.
    private static let patience = Duration.seconds(30)

    /// Waits until the service manager has all that it was given to keep, 1 s at most, for this process
    /// ends.
    func settleStore() {
        guard store != nil, let channel = manager.channel else { return }
        if !channel.settle(within: .seconds(1)) {
            log.warning("the service manager is too busy to keep the last descriptors")
        }
    }

    /// Takes back what the service manager keeps, for the service has ended.
    func emptyStore() {
        guard let store else { return }
        keeper.lifeLineLost = {}
        for name in store.names { store.forget(name) }
        settleStore()
    }

    private func loseStore(_ reason: String) {
        holdsLifeLine = false
        if let store { vault.remove(store) }
        store = nil
        log.notice(
            """
            the service manager keeps no descriptors, so that a restart of the unit is a stop and a \
            start: \(reason)
            """)
    }

    /// Puts all that the next supervisor needs into a place that has been added.
    func keepEverything(in place: any VaultPlace) {
        vault.keep(recordFile.file, as: .state, in: place)
        if let callInHand { vault.keep(callInHand.room, as: .callInHand, in: place) }
        for listener in listeners { listener.keep(in: place) }
        for entry in stored.entries {
            vault.keep(entry.descriptor, as: .stored(entry.number), in: place)
        }
        for worker in workers.values {
            keep(worker.ends, of: worker.id, in: place)
            vault.keep(worker.process, as: .worker(worker.id, .process), in: place)
        }
    }
}
