import ControlProtocol
import HandoverCore
import Keeper
import Kernel
import Logging
import Record
import ServiceCore
import Settings
import Systemd

/// The real port: carries verbs out by the owners of what they are about.
final class KernelPort: Port {
    let sockets: Sockets
    let processes: Processes
    let speech: Speech
    let binds: Binds
    let outside: OutsideLook
    private let strays: StrayLook
    let places: Places
    let programs: HeldPrograms
    let desk: Desk
    let history: HistoryFile
    private let state: StateLog
    private let loop: EventLoop
    private let log: Logger
    private var tick: EventLoop.Token?
    private var nextTurn: EventLoop.Token?
    private var tidying: EventLoop.Token?
    /// Hands an input in.
    var take: (Input) -> Void = { _ in }
    /// Goes on with a turn.
    var turn: () -> Void = {}
    /// What counts as said by the settings file.
    var fileSettings: () -> [UInt8]? = { nil }
    /// Has settings say again what the history has of them; the names of what has changed.
    var restore: ([String], inout ServiceSettings) -> [String] = { _, _ in [] }
    private(set) var end: ServiceEnd?
    /// Whether this process ends and the service does not.
    private(set) var leaves = false
    private var isLeaving = false
    private let reexec: Reexec

    init(
        sockets: Sockets, processes: Processes, speech: Speech, binds: Binds,
        outside: OutsideLook, strays: StrayLook, places: Places, programs: HeldPrograms, desk: Desk,
        history: HistoryFile,
        state: StateLog,
        reexec: Reexec,
        in loop: EventLoop, _ log: Logger
    ) {
        self.sockets = sockets
        self.processes = processes
        self.speech = speech
        self.binds = binds
        self.outside = outside
        self.strays = strays
        self.places = places
        self.programs = programs
        self.desk = desk
        self.history = history
        self.state = state
        self.reexec = reexec
        self.loop = loop
        self.log = log
    }

    // MARK: Port

    var now: Instant { Instant(sinceStart: MonotonicClock.sinceBoot()) }

    var isGone: Bool { end != nil || leaves }

    func append(_ changes: [(PartKey, RecordPart?)]) {
        var encoded: [RecordChange] = []
        for (key, part) in changes {
            do throws(RecordValueFault) {
                encoded.append(try RecordFormat.change(key, part))
            } catch {
                log.critical("\(key) cannot be written down: \(error)")
            }
        }
        // The order of a classic group changes with its members.
        state.append(encoded + (sockets.keepsOrder ? sockets.parts() : []))
        scheduleTidying()
    }

    /// Writes down what the port itself knows: the settings and the listeners.
    func appendOwn() {
        let file = fileSettings().map { [RecordChange.set(PortRecord.fileSettings, $0)] } ?? []
        state.append(sockets.parts() + file)
    }

    private func scheduleTidying() {
        guard tidying == nil else { return }
        tidying = loop.schedule(at: MonotonicClock.now() + .seconds(1)) { [unowned self] in
            tidying = nil
            state.tidy()
        }
    }

    func wake(at time: Instant?) {
        if let tick { loop.remove(tick) }
        tick = time.map { time in
            let wait = max(.zero, time - now)
            return loop.schedule(at: MonotonicClock.now() + wait) { [unowned self] in
                tick = nil
                take(.tick)
            }
        }
    }

    func comeBack() {
        guard nextTurn == nil else { return }
        nextTurn = loop.schedule(at: MonotonicClock.now()) { [unowned self] in
            nextTurn = nil
            turn()
        }
    }

    func perform(_ verb: Verb, of service: Service) {
        log.trace("\(verb)")
        switch verb {
        case .duty(let duty): perform(duty)
        case .bind(let slot): take(sockets.bind(slot))
        case .renew(let slot, let afterWorker):
            take(sockets.renew(slot, isUnheld: !afterWorker, besides: ownProcesses))
        case .recover(let slot, let id, let inode): take(recover(slot, id, inode))
        case .beginGiven(let slots): sockets.beginGiven(with: slots)
        case .countFlows:
            let traffic = service.history.open.isEmpty ? Traffic() : sockets.traffic()
            take(.flowsCounted(sockets.countFlows(), traffic))
        case .countOutside(let generation, let workers):
            outside.count(generation, workers) { [unowned self] in
                take(.outsideCounted(generation, $0))
            }
        case .lookAtQueues(let slots, let look):
            take(.queuesSeen(look, hasData: sockets.hasData(slots)))
        case .observe:
            var seen = sockets.observe()
            seen.strays = strays.strays()
            programs.loaded.look(at: LoadedFiles.candidates(of: service))
            take(.observed(seen))
        case .exchange(let slot): take(sockets.exchange(slot))
        case .lookAtAdopted(let bound, let look): lookAtAdopted(bound, look)
        case .makeListener(let wanted, let call): makeListener(wanted, call)
        case .addListener(let number, let listener): addListener(number, listener)
        case .moveListener(let number, let place, let facts, let call):
            moveListener(number, place, facts, call)
        case .identify(let id): identify(id, service)
        case .findProgram(let number, let command):
            take(.programFound(number, programs.look(command, sockets.settings)))
        case .restoreSettings(let number, let lines):
            let changed = restoreSettings(lines)
            let settings = sockets.settings
            take(.settingsRestored(number, changed: changed, settings, Policy(settings)))
        case .forgetProgram(let number): programs.forget(number)
        case .stamp(let id):
            let time = MonotonicClock.sinceEpoch().components
            let milliseconds = max(
                0, time.seconds * 1000 + time.attoseconds / 1_000_000_000_000_000)
            take(.stamped(id, at: UInt64(milliseconds)))
        case .readHistory: history.read { [unowned self] in take(.historyRead($0, fault: $1)) }
        case .writeHistory:
            history.write(service.history.entries) { [unowned self] in
                take(.historyWritten(fault: $0))
            }
        case .spawn(let id): processes.spawn(id, of: service)
        case .abandon(let id): processes.abandon(id)
        case .killStray(let pid): processes.killStray(pid)
        case .endLeftover(let pid, let id): processes.endLeftover(pid, of: id)
        case .takeUp: break
        case .look(let id): processes.look(id, service.banks.slots(of: id))
        case .runReadyCommand(let id): processes.runReadyCommand(id)
        case .stopReadyCommand(let id): processes.stopReadyCommand(id)
        case .runCheck(let id, let step, let command):
            let generation = service.machine.generation(id)
            // One that is watched has all new flows, one of a dry run none.
            processes.runCheck(
                id, step: step, command, of: generation?.trial?.clients,
                otherwise: generation?.watch == nil ? "0%" : "100%")
        case .countDrops(let id): take(.dropsSeen(id, total: sockets.drops()))
        case .runHook(let run): processes.runHook(run)
        case .watchExit(let id): processes.watchExit(id)
        case .renewKeeper(let starting): renewKeeper(starting)
        case .fillKeeper: fill(places.keeper)
        case .say(let id, let message, let request, let lent):
            speech.say(id, message, request, lent)
        case .link(let order): take(.linkMade(order, speech.link(order)))
        case .pin(let order): take(.flowPinned(order, sockets.pin(order)))
        case .store(let received, let numbers): speech.store(received, numbers)
        case .seat(let joiner, let id):
            speech.seat(joiner, id, as: service.workers[id]?.pid ?? 0)
        case .refuseJoiner(let joiner, let code, let reason): speech.refuse(joiner, code, reason)
        case .answerBind(let call, let slot): answerBind(slot) { binds.answer(call, slot) }
        case .exchangeBind(let call, let slot, let other):
            let id = service.banks.worker(of: slot)
            let offered = sockets.slots(id.map { service.banks.slots(of: $0) } ?? [])
            answerBind(slot) { binds.exchange(call, slot, by: other, offered: offered) }
        case .leaveBind(let call): binds.leave(call)
        case .findHolders(let call, let id, let slots):
            let offered = sockets.slots(service.banks.slots(of: id))
            take(.holdersSeen(call, held: binds.holders(id, slots, offered: offered)))
        case .tell(let asker, let reply): desk.tell(asker, reply, of: service)
        case .changeFlow(let asker, let deed): desk.change(deed, asker)
        case .announce(let notice): desk.announce(notice, of: service)
        case .report(let report): desk.report(report)
        case .useStore: places.useStore { [unowned self] in fill($0) }
        case .leave: leave()
        case .reexec(let asker): desk.reexec(asker, reexec)
        case .end(let end):
            self.end = end
            loop.stop()
        }
    }

    private func perform(_ duty: Duty) {
        switch duty {
        case .release(let slot, let generation, let before):
            take(sockets.release(slot, of: generation, dropsBefore: before))
        case .park(let slot, let generation, let before):
            take(sockets.park(slot, of: generation, dropsBefore: before))
        case .steer(let generation, let choices, let canary):
            do {
                take(.steered(generation, took: try sockets.steer(choices, canary)))
            } catch {
                take(.steeringFailed(generation, PortFault("\(error)")))
            }
        case .resteer(let slots):
            do {
                try sockets.resteer(slots)
                take(.resteered(slots))
            } catch {
                take(.resteeringFailed(slots, PortFault("\(error)")))
            }
        case .signal(let id, let signal): processes.signal(id, signal)
        case .letGo(let id):
            processes.letGo(id)
            binds.forgetPorts(of: id)
        case .removePrivateFolders(let id): processes.removePrivateFolders(id)
        case .tellDraining(let id, let deadline, let signal):
            speech.tellDraining(id, deadline, signal, at: now)
        case .tellResumed(let id): speech.tellResumed(id)
        case .tellStopping(let id, let time): speech.tellStopping(id, within: time)
        case .forgetStored(let numbers): places.forgetStored(numbers)
        }
    }

    // MARK: What needs more than one owner

    private func recover(_ id: SlotID, _ worker: WorkerID, _ inode: UInt64) -> Input {
        guard let process = processes[worker]?.process,
            let slot = sockets.recover(id, inode: inode, from: process)
        else { return .slotLost(id, of: worker) }
        return .slotRecovered(
            id, slot.bound(), of: worker)
    }

    /// Who holds sockets for workers and reads none.
    private var ownProcesses: Set<Int32> { [ProcessView.own, places.keeper.pid, 1] }

    private func identify(_ id: GenerationID, _ service: Service) {
        guard let launch = service.machine.generation(id)?.launch else { return }
        var program: Program?
        if let number = launch.program, number != id, let former = service.programs[number] {
            if let loss = programs.loss(of: former, number) { take(.programLost(id, loss)) }
        } else {
            program = programs.find(id, launch.command, sockets.settings)
        }
        let time = MonotonicClock.sinceEpoch().components.seconds
        take(.identified(id, program, at: UInt64(max(0, time))))
    }

    private func lookAtAdopted(_ bound: [BoundSlots], _ look: AdoptedLook) {
        var uses: [SlotID: SlotUse] = [:]
        for worker in bound {
            guard let open = binds.openSockets(of: worker.worker) else { continue }
            for slot in worker.slots {
                uses[slot] = sockets.use(of: slot, openTo: open, besides: ownProcesses)
            }
        }
        take(.adoptedSeen(uses, look))
    }

    /// Goes on with settings that differ in what may change while workers run.
    func change(_ settings: ServiceSettings) {
        sockets.change(settings)
        appendOwn()
        take(.settingsChanged(sockets.settings, Policy(settings)))
    }

    private func restoreSettings(_ lines: [String]) -> [String] {
        var settings = sockets.settings
        let changed = restore(lines, &settings)
        if !changed.isEmpty {
            sockets.change(settings)
            appendOwn()
        }
        return changed
    }

    private func answerBind(_ slot: SlotID, _ answered: () -> Input) {
        let sharedBefore = sockets.listeners[slot.listener].sharesAddress
        let answer = answered()
        // The sockets that the next supervisor makes must share the address as well.
        if sockets.listeners[slot.listener].sharesAddress != sharedBefore {
            state.append(sockets.parts())
        }
        take(answer)
    }

    private func makeListener(_ wanted: AdoptedListener, _ call: CallID) {
        do throws(ListenerError) {
            guard let shape = try sockets.make(wanted) else {
                return take(.listenerFailed(call, PortFault("not an address to listen at")))
            }
            appendOwn()
            take(.listenerMade(wanted.number, shape, call))
        } catch {
            take(.listenerFailed(call, PortFault("\(error)")))
        }
    }

    private func addListener(_ number: Int, _ listener: ListenerSettings) {
        do throws(ListenerError) {
            let made = try sockets.add(number, listener)
            appendOwn()
            log.info("\(listener.address): \(made.steeringReason)")
            take(.settingsChanged(sockets.settings, Policy(sockets.settings)))
            take(.listenerAdded(number, made.shape))
        } catch {
            take(
                .listenerNotAdded(
                    number, PortFault(error.description, isPermission: error.isPermission)))
        }
    }

    private func moveListener(
        _ number: Int, _ place: SocketPlace, _ facts: BindFacts, _ call: CallID
    ) {
        do throws(ListenerError) {
            let (shape, inputs) = try sockets.move(number, to: place, facts)
            appendOwn()
            for input in inputs { take(input) }
            take(.listenerMade(number, shape, call))
        } catch {
            take(.listenerFailed(call, PortFault("\(error)")))
        }
    }

    private func renewKeeper(_ starting: [WorkerID]) {
        // Whether or not there is another one: their slots are given back.
        processes.endStrays(starting, abandoned: places.keeper.abandoned)
        do throws(KeeperError) {
            try places.renewKeeper(sockets.settings)
            watchKeeper()
            fill(places.keeper)
        } catch {
            take(.keeperFailed(reason: "\(error)"))
        }
    }

    func watchKeeper() {
        places.watchKeeper { [unowned self] id, pid, how in processes.ended(id, pid, how) }
    }

    /// Puts all that the next supervisor needs into a place.
    func fill(_ place: any VaultPlace) {
        let vault = places.vault
        vault.keep(state.file, as: .state, in: place)
        if let room = binds.inHand?.room { vault.keep(room, as: .callInHand, in: place) }
        for listener in sockets.listeners { listener.keep(in: place) }
        places.keepStored(in: place)
        programs.keep(in: place)
        binds.keepPorts(in: place)
        for handle in processes.all {
            places.keep(handle.ends, of: handle.id, in: place)
            vault.keep(handle.process, as: .worker(handle.id, .process), in: place)
        }
    }

    private func leave() {
        guard !isLeaving else { return }
        isLeaving = true
        places.whenSettled { [unowned self] in
            finish()
            leaves = true
            loop.stop()
        }
    }

    /// The next program has all that it needs: no stray is left to be ended, and what could not be written down
    /// before is.
    func finish() {
        processes.finishStrays()
        state.tidy()
    }
}
