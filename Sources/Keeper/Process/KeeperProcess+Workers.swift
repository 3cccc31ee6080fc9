import Kernel

extension KeeperProcess {
    func beginSpawn(_ name: String, _ descriptors: inout DescriptorList) {
        pendingSpawn = nil
        guard workers[name] == nil else {
            return report(.failed(name, reason: "there is a worker of this name"))
        }
        switch phase {
        case .keeping: break
        case .ending: return report(.failed(name, reason: "the service is ending"))
        }
        guard let plan = descriptors.takeFirst() else {
            return report(.failed(name, reason: "its plan has not arrived"))
        }
        do {
            pendingSpawn = try PendingSpawn(name, plan: plan)
        } catch {
            return report(.failed(name, reason: "\(error)"))
        }
        continueSpawn(&descriptors)
    }

    /// Takes more descriptors of a worker, and starts it once all are there.
    func continueSpawn(_ descriptors: inout DescriptorList) {
        guard var spawn = pendingSpawn.take() else { return }
        let name = spawn.name
        do {
            try spawn.take(&descriptors)
            guard spawn.isWhole else {
                pendingSpawn = consume spawn
                return
            }
            var interception = Interception.off
            let mark = spawn.mark
            orphans.look(besides: workerNumbers)
            let worker = KeptWorker(name, mark: mark, try spawn.spawn(&interception))
            workers[name] = worker
            tell(interception, of: name)
            report(.spawned(name, pid: worker.pid), [worker])
        } catch {
            report(.failed(name, reason: "\(error)"))
        }
    }

    /// Keeps what a worker's calls are answered through: it must outlive any supervisor, for without it
    /// they fail.
    private func tell(_ interception: consuming Interception, of name: String) {
        switch consume interception {
        case .off: break
        case .on(let notifier):
            let shared = SharedDescriptor(notifier.intoDescriptor())
            kept[KeeperLink.callsName(of: name)] = shared
            report(.intercepted(name, errno: 0), [shared])
        case .refused(let reason): report(.intercepted(name, errno: reason))
        }
    }

    /// Children taken in in one go: there may be ones that end without end.
    private static let reapingBatch = 64

    /// For so long at most a worker's end is not told since something that it has left behind does not end.
    private static let longestWake = Duration.seconds(1)

    /// Takes in children that have ended: workers, and orphans that nobody else would.
    func reap() {
        var left = Self.reapingBatch
        while let pid = try? Reaping.deadChild() {
            guard left > 0 else {
                _ = loop.schedule(at: MonotonicClock.now()) { [unowned self] in reap() }
                break
            }
            left -= 1
            if let worker = workers.values.first(where: { $0.pid == pid && !$0.isBuried }) {
                worker.bury()
                guard worker.isBuried else { break }
                let deadline = MonotonicClock.now() + Self.longestWake
                wakes[worker.name] = deadline
                // Nothing tells of what cannot be ended.
                _ = loop.schedule(at: deadline) { [unowned self] in reap() }
            } else {
                _ = try? Reaping.reap(pid)
            }
        }
        endOrphans()
        tellExits()
        finishIfAlone()
    }

    /// Ends what workers that have ended have left behind, whatever session it is in; only then their slots may
    /// be another's.
    private func endOrphans() {
        guard !wakes.isEmpty else { return }
        let numbers = workerNumbers
        let others = Set(workers.values.filter { !$0.isBuried }.compactMap(\.mark))
        let now = MonotonicClock.now()
        for (name, deadline) in wakes {
            guard let worker = workers[name] else {
                wakes[name] = nil
                continue
            }
            let found = orphans.left(by: worker.mark, others: others, besides: numbers) {
                Set(kept.values.compactMap { try? $0.inode() })
            }
            worker.end(now < deadline ? found : [])
            guard worker.exit != nil else { continue }
            wakes[name] = nil
            untold.append(name)
        }
        orphans.look(besides: numbers)
    }

    /// The workers' processes that are children still.
    var workerNumbers: Set<Int32> { Set(workers.values.filter { !$0.isBuried }.map(\.pid)) }
}
