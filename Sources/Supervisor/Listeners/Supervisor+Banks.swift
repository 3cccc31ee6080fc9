import HandoverCore
import Kernel
import Logging
import Settings
import Steering

extension Supervisor {
    /// Makes the slots of a new generation: bound, in the group, not steered to.
    func prepareBank(_ generation: GenerationID, _ workers: Int) {
        if banks[generation] != nil {
            // By a predecessor that had no time to say so.
            submit(.bankPrepared(generation))
            return
        }
        do {
            if let bank = runningBank() {
                banks[generation] = bank
            } else {
                banks[generation] = Bank(slots: try takeSlots(workers: workers))
            }
        } catch {
            lacksPrivilege = error.isPermission
            submit(.bankFailed(generation, error.description))
            return
        }
        steerGroups(of: generation)
        for listener in listeners {
            for warning in listener.takeWarnings() { warn(warning) }
        }
        submit(.bankPrepared(generation))
    }

    /// Hands the slots of a generation that has ended to the next one, their queues untouched.
    func inheritBank(_ generation: GenerationID, _ workers: Int, from former: GenerationID) {
        guard var bank = banks[former] else {
            precondition(banks[generation] != nil, "\(former) has no bank to inherit")
            submit(.bankPrepared(generation))
            return
        }
        if bank.workers < workers {
            do {
                for worker in try takeSlots(workers: workers - bank.workers) {
                    bank.append(worker: worker)
                }
            } catch {
                submit(.bankFailed(generation, error.description))
                return
            }
        }
        let surplus = bank.removeWorkers(from: workers)
        removePrivateFolders(of: former)
        for slot in bank.all { slot.beginLife() }
        banks[former] = nil
        banks[generation] = bank
        // What is released in no bank any more cannot be missed by a successor.
        saveRecord()
        submit(.dropsCounted(generation, release(surplus)))
        submit(.bankPrepared(generation))
    }

    private func removePrivateFolders(of generation: GenerationID) {
        do throws(KernelError) {
            try runtime.privateFolders.remove(generation)
        } catch {
            warn("private folders of generation \(generation) are left: \(error)")
        }
    }

    /// Ends the slots of a generation that has no process left.
    func freeBank(_ generation: GenerationID) {
        stopWatchingQueues(generation)
        flows[generation] = nil
        removePrivateFolders(of: generation)
        // A predecessor may have been cut short after this.
        guard let bank = banks.removeValue(forKey: generation) else { return }
        saveRecord()
        submit(.dropsCounted(generation, release(bank.slots)))
    }

    /// The flip, and every change of the workers that new flows go to.
    func steerNewFlows(to generation: GenerationID, workers: [Int]) {
        guard let bank = banks[generation] else { return }
        var longest = Duration.zero
        for (index, listener) in listeners.enumerated() {
            let slots = bank.steerable(workers: workers, at: index)
            guard !slots.isEmpty else {
                if listener.settings.isAdopted { continue }
                log.critical("\(listener.settings.address): there is no socket for new flows")
                continue
            }
            do {
                longest = max(longest, try listener.flip(to: slots))
            } catch {
                log.critical("\(listener.settings.address): new flows cannot be steered: \(error)")
            }
        }
        reattachSteering()
        steerGroups()
        submit(.flipMeasured(generation, longest))
    }

    /// Looks again at who may get new flows, a socket having been taken late.
    func refreshSteering() {
        guard let target = machine.steering else { return }
        steerNewFlows(to: target.generation, workers: target.workers)
    }

    /// Makes what is pinned to a generation count as new.
    func resteer(_ generation: GenerationID) {
        guard let bank = banks[generation] else { return }
        resteer(bank.slots)
    }

    /// Makes what is pinned to a dead worker count as new.
    func abandonWorker(_ id: WorkerID) {
        guard let bank = banks[id.generation] else { return }
        resteer([bank.slots(of: id.index)])
    }

    private func resteer(_ slots: [[[Slot]]]) {
        for (index, listener) in listeners.enumerated() {
            do {
                try listener.steering.resteer(slots: slots.flatMap { $0[index] }.map(\.number))
            } catch {
                log.critical("\(listener.settings.address): flows cannot be re-steered: \(error)")
            }
        }
    }

    private func takeSlots(workers: Int) throws(ListenerError) -> [[[Slot]]] {
        var taken = [[[Slot]]](repeating: [], count: workers)
        for listener in listeners {
            let perWorker = listener.socketsPerWorker
            let slots: [Slot]
            do {
                slots = try listener.takeSlots(workers * perWorker)
            } catch {
                _ = release(taken)
                throw error
            }
            for worker in 0..<workers {
                taken[worker].append(Array(slots[worker * perWorker..<(worker + 1) * perWorker]))
            }
        }
        return taken
    }

    /// Gives slots back to their listeners.
    ///
    /// - Returns: the datagrams lost in them: left unread, or dropped by the kernel.
    private func release(_ slots: [[[Slot]]]) -> Int {
        var lost = 0
        for (index, listener) in listeners.enumerated() {
            let ended = slots.flatMap { index < $0.count ? $0[index] : [] }
            lost += ended.reduce(0) { $0 + $1.dropsInThisUse() + $1.discardQueue() }
            listener.giveBack(ended)
        }
        return lost
    }
}
