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
        keeper.holdLifeLine(pair.takeFirst())
        // One that another keeper had, whether or not this store knows of it.
        store.forget(Self.lifeLineName)
        try store.keep(pair.takeSecond(), as: Self.lifeLineName)
        holdsLifeLine = true
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
        for listener in listeners { listener.keep(in: place) }
        for worker in workers.values {
            keep(worker.ends, of: worker.id, in: place)
            vault.keep(worker.process, as: .worker(worker.id, .process), in: place)
        }
    }
}
