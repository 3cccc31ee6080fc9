import Adoption
import HandoverCore
import Kernel
import Logging
import Settings

extension Supervisor {
    /// Answers the worker's calls of bind(2) from here on.
    func answerBinds(of worker: Worker) {
        guard let calls = worker.ends.calls else { return }
        let id = worker.id
        do throws(KernelError) {
            try calls.listen(in: loop) { [unowned self] calls in
                // A failed look says nothing about the next call.
                let found =
                    callInHand.map { hand in try? hand.take(from: calls, of: id) }
                    ?? (try? calls.next())
                if let notice = found ?? nil { answer(notice, of: id) }
            }
        } catch {
            warn("what worker \(id) binds is not noticed: \(error)", id)
        }
    }

    /// Answers the call that a predecessor had in hand when it ended.
    func answerCallInHand() {
        guard let (id, notice) = callInHand?.last, let endpoint = workers[id]?.ends.calls,
            endpoint.calls.isWaiting(notice)
        else { return }
        log.notice("worker \(id) waits in a bind that the supervisor before had begun to answer")
        answer(notice, of: id)
    }

    /// Gives the worker a slot in the place of its socket, or leaves the call to the kernel.
    private func answer(_ notice: CallNotice, of id: WorkerID) {
        guard let worker = workers[id], let calls = worker.ends.calls else { return }
        do {
            guard let request = try notice.bindRequest(), mayConcernUs(request, worker),
                let wanted = try WantedSocket(notice, request), calls.calls.isWaiting(notice)
            else { return leave(notice, to: calls) }
            if isOwn(wanted.inode, of: id) {
                // Answered before, by a supervisor that did not live to say so.
                return succeed(notice, calls)
            }
            guard let (slot, listener) = try slot(for: wanted, of: id) else {
                noteForeign(wanted.place, of: worker)
                return leave(notice, to: calls)
            }
            try hand(slot, at: listener, to: wanted, notice, calls, id)
            worker.readiness?.noteBind(at: MonotonicClock.now())
            succeed(notice, calls)
        } catch {
            // One that has given its call up has changed its mind, or is gone.
            if calls.calls.isWaiting(notice) { warn("bind of worker \(id): \(error)", id) }
            leave(notice, to: calls)
        }
    }

    /// A server that binds a port for each question that it asks must not be kept waiting.
    private func mayConcernUs(_ request: BindRequest, _ worker: Worker) -> Bool {
        let port = request.address.port
        return port != 0
            && (worker.readiness?.isReady == false
                || listeners.contains { $0.address.port == port })
    }

    private func isOwn(_ inode: UInt64, of id: WorkerID) -> Bool {
        banks[id.generation]?.slots(of: id.index).contains { $0.contains { $0.inode == inode } }
            ?? false
    }

    private func leave(_ notice: CallNotice, to calls: BindEndpoint) {
        _ = try? calls.calls.letContinue(notice)
    }

    private func succeed(_ notice: CallNotice, _ calls: BindEndpoint) {
        _ = try? calls.calls.succeed(notice)
    }

    /// Makes the slot's socket like the worker's and puts it in the place of that.
    private func hand(
        _ slot: Slot, at listener: Listener, to wanted: WantedSocket,
        _ notice: CallNotice, _ endpoint: BindEndpoint, _ id: WorkerID
    ) throws {
        let socket = SharedDescriptor(try slot.duplicate())
        var left = carryOptions(from: wanted.socket, to: socket)
        let numbers = wanted.numbers()
        if wanted.isInEpollSet(numbers) { left.append("its place in an epoll set") }
        if !left.isEmpty {
            warn(
                "\(listener.settings.address): not carried over to the supervisor's socket: "
                    + left.joined(separator: ", "), id)
        }
        if wanted.facts.reusesAddress { listener.letOthersBindBeside() }
        for number in numbers {
            try endpoint.calls.replace(
                number, by: socket, closesOnExec: wanted.closesOnExec(number), for: notice)
        }
        slot.boundAt = MonotonicClock.now()
        log.debug("worker \(id) has bound \(listener.settings.address): slot \(slot.number)")
    }

    /// The slot for what a worker binds; nil where it is none of a listener's, or the kernel's to refuse.
    private func slot(
        for wanted: WantedSocket, of id: WorkerID
    ) throws(ListenerError) -> (Slot, Listener)? {
        guard !wanted.facts.hasInterface, banks[id.generation] != nil,
            let listener = try listener(for: wanted.place, wanted.facts, of: id),
            let bank = banks[id.generation]
        else { return nil }
        let slots = bank.slots(of: id.index)[listener.number]
        if let free = slots.first(where: { !isHeld($0, by: id) }) {
            // It has had the socket before, and closed it.
            let wasUsed = free.boundAt != nil || (try? free.glance())?.isSound == false
            if wasUsed, renew(free, at: listener, for: id) { saveRecord() }
            return (free, listener)
        }
        let isStarting = workers[id]?.readiness?.isReady == false
        // A program that has its socket and binds the address again at run time is about to connect it
        // to a peer; one that may not share the address is refused, by the kernel.
        guard slots.isEmpty || isStarting && wanted.facts.sharesPort else { return nil }
        return (try growBank(of: id, at: listener), listener)
    }

    /// Whether the worker has a slot's socket by a bind of its own, and has not closed it since.
    private func isHeld(_ slot: Slot, by id: WorkerID) -> Bool {
        guard slot.boundAt != nil, let worker = workers[id] else { return false }
        let offered = banks[id.generation].flatMap { bank in
            WorkerStart.number(of: slot, in: bank.slots(of: id.index), listeners)
        }
        return SocketHolders.hold(slot.inode, from: worker.pid, except: offered)
    }

    /// One slot more for a worker, and for each worker of the generations to come.
    private func growBank(
        of id: WorkerID, at listener: Listener
    ) throws(ListenerError) -> Slot {
        let taken = try listener.takeSlots(1)
        guard let slot = taken.first else { preconditionFailure("no slot was taken") }
        banks[id.generation]?.add(slot, worker: id.index, at: listener.number)
        let count = banks[id.generation]?.slots(of: id.index)[listener.number].count ?? 1
        listener.socketsPerWorker = max(listener.socketsPerWorker, count)
        watchSlots(of: id)
        saveRecord()
        return slot
    }
}
