import HandoverCore
import Keeper
import Kernel
import Logging
import Record
import ServiceCore
import Settings
import Steering
import Systemd

extension Shell {
    /// A service's first supervisor: its keeper runs, nothing is bound or started yet.
    static func begin(
        _ start: Start, _ runtime: RuntimeDirectory, _ loop: EventLoop
    ) throws(SupervisorError) -> Shell {
        var settings = start.settings
        let log = start.log
        let given = GivenSockets(start.inherited.sockets)
        var running: RunningServer?
        if let process = start.process {
            let found = try RunningServer(process)
            settings.listeners = try found.listeners(settings)
            settings.workers = 1
            running = found
        } else {
            if let fault = given.faults.first { throw SupervisorError("\(fault)") }
            guard !settings.listeners.isEmpty || !settings.adopt.isEmpty else {
                throw SupervisorError("there is no listener, and systemd hands no socket over")
            }
            for warning in given.warnings { log.warning("\(warning)") }
        }
        let vault = Vault()
        let listeners: [Listener]
        do throws(ListenerError) {
            listeners = try settings.makeListeners(vault: vault, given: given, running: running)
        } catch {
            throw SupervisorError(error.description, isPermission: error.isPermission)
        }
        let context: StartContext
        let state: StateLog
        do {
            let executable = try KeeperLink.ownExecutable()
            let keeper = try Places.startKeeper(
                executable, runtime, settings, loop, waits: true)
            vault.add(keeper)
            context = StartContext(
                runtime: runtime, log: log, loop: loop, vault: vault, keeper: keeper,
                executable: executable)
            state = try StateLog.new(RecordFormat.versions)
        } catch let error as SupervisorError {
            throw error
        } catch {
            throw SupervisorError("\(error)")
        }
        let port = try makePort(
            listeners, settings, state, context, start.origin,
            storedNames: Set(start.inherited.stored.map(\.name)))
        try tryOut(state, port.1.sockets, context)
        vault.keep(state.file, as: .state)
        for listener in listeners { listener.keep() }
        port.1.binds.begin()
        let sockets = listeners.flatMap { $0.socketsAtHand }
        if let running {
            port.1.processes.running = running
            port.1.sockets.leaveAlone(Set(sockets.map(\.0)))
        }
        let service = Service(
            settings, listeners: port.1.sockets.shapes, sockets: sockets,
            policy: Policy(settings))
        return Shell(
            service, port.1, context, port.0, origin: start.origin
        ) { shell in
            shell.port.appendOwn()
            shell.port.places.useStore { shell.port.fill($0) }
            shell.port.places.manager.askForTime()
            if settings.adopt == [.show] { shell.showBinds() }
            shell.conductor.take(.start)
        }
    }

    /// Sees that the record can be written, before anything runs that would be lost without it.
    private static func tryOut(
        _ state: StateLog, _ sockets: Sockets, _ context: StartContext
    ) throws(SupervisorError) {
        var fault: String?
        state.failed = { fault = $0 }
        state.append(sockets.parts())
        if let fault {
            context.keeper.end()
            throw SupervisorError(
                "the record for the next supervisor cannot be written: \(fault)")
        }
        let log = context.log
        state.failed = {
            log.critical("the record cannot be written, a crash now would lose state: \($0)")
        }
    }

    private static func makePort(
        _ listeners: [Listener], _ settings: ServiceSettings, _ state: StateLog,
        _ context: StartContext, _ origin: SettingsOrigin?, storedNames: Set<String>
    ) throws(SupervisorError) -> (Reexec, KernelPort) {
        let loop = context.loop
        let log = context.log
        let manager = ServiceManager(in: loop)
        let sockets = Sockets(listeners, settings, context.vault, in: loop)
        let places = Places(context, storedNames: storedNames, manager: manager)
        let programs = HeldPrograms(context.runtime, context.vault, in: loop)
        let processes = Processes(
            context.runtime, places, sockets, programs, try settings.workerIdentity(),
            in: loop, log)
        let speech = Speech(processes, places, sockets, in: loop, log)
        let binds = Binds(processes, sockets, places, in: loop, log)
        let outside = OutsideLook(processes, sockets, binds, in: loop)
        let strays = StrayLook(processes, sockets, places, in: context.runtime, loop)
        let desk = Desk(settings.name, manager, in: loop, log)
        let reexec = Reexec(context.executable, origin, in: loop, log)
        let port = KernelPort(
            sockets: sockets, processes: processes, speech: speech, binds: binds,
            outside: outside, strays: strays, places: places, programs: programs, desk: desk,
            history: HistoryFile(of: settings.name, in: loop), state: state,
            reexec: reexec, in: loop,
            log)
        return (reexec, port)
    }

    /// A later one, out of what the one before has left. What the settings say is new; but the
    /// listeners stay what they are as long as the service runs.
    static func resume(
        _ former: Predecessor, _ start: Start
    ) throws(SupervisorError) -> Shell {
        let log = start.log
        var settings = start.settings
        if settings.unadopted.listeners != former.settings.unadopted.listeners {
            log.notice("the settings' listeners have changed: relevo diff shows what brings that")
        }
        settings.listeners = former.settings.listeners
        settings.keepTenable(former.settings, in: former.context.runtime) {
            log.error("\($0)")
        }
        let listeners: [Listener]
        do throws(ListenerError) {
            listeners = try resumeListeners(former, settings)
        } catch {
            throw SupervisorError("what the supervisor before has left is not whole: \(error)")
        }
        let (reexec, port) = try makePort(
            listeners, settings, former.log, former.context, start.origin,
            storedNames: former.storedNames)
        former.log.failed = {
            log.critical("the record cannot be written, a crash now would lose state: \($0)")
        }
        var found: [SlotID: UInt64] = [:]
        for listener in listeners {
            for slot in listener.slots.values {
                found[SlotID(listener: listener.number, number: slot.number)] = slot.inode
            }
        }
        var state = former.state
        state.meet(listeners.map(\.shape))
        let (service, verbs) = Service.resume(
            state, former.findings(found), settings, policy: Policy(settings),
            former: former.state.service.following
                ?? Launch(command: former.settings.startedCommand, workers: former.settings.workers),
            at: port.now)
        return Shell(
            service, port, former.context, reexec, origin: start.origin, after: former.state
        ) { shell in
            shell.takeUp(former)
            shell.watch?.goOn(
                after: former.fileSettings, running: former.settings.unadopted,
                read: start.settings.unadopted)
            shell.conductor.begin(with: verbs)
            // Not before: until then the predecessor's settings are the ones that were followed.
            port.appendOwn()
            port.binds.finishCallInHand()
        }
    }

    private static func resumeListeners(
        _ former: Predecessor, _ settings: ServiceSettings
    ) throws(ListenerError) -> [Listener] {
        let sockets = former.state.sockets
        let running = Set(former.workers.compactMap { $0.process == nil ? nil : $0.id })
        let unread = former.state.slots { !running.contains($0) }
        var made: [Listener] = []
        let tables = SteeringTables()
        for (number, listener) in settings.listeners.enumerated() {
            guard let part = former.parts[number] else { continue }
            let own = sockets.filter { $0.key.listener == number }
            let inodes = Dictionary(uniqueKeysWithValues: own.map { ($0.key.number, $0.value) })
            let resumed = try Listener(
                resuming: part, lost: former.state.listeners[number].lostAtClosed, listener,
                number: number,
                nonBlocking: settings.nonBlocking, sockets: inodes,
                unread: Set(unread.filter { $0.listener == number }.map(\.number)),
                from: former.kept, vault: former.context.vault, tables: tables)
            try? resumed.steering.release(allBut: Set(resumed.slots.keys))
            made.append(resumed)
        }
        for listener in made { listener.meet(made) }
        return made
    }

    /// Takes hold of the workers and of all else that was kept.
    private func takeUp(_ former: Predecessor) {
        let service = conductor.service
        if former.keeperIsNew { port.places.awaitKeeper() }
        for listener in port.sockets.listeners {
            port.sockets.copies.begin(at: listener, port.sockets.warned)
        }
        // One that the keeper does not know may have been started by the keeper before it.
        let unknown = former.state.asked.filter { id in
            !former.workers.contains { $0.id == id }
        }
        port.processes.endStrays(unknown, abandoned: [])
        try? former.context.runtime.privateFolders.remove(
            allBut: Set(service.banks.generations))
        for entry in service.store.entries {
            guard let descriptor = former.kept.take(.stored(entry.number)) else { continue }
            port.places.takeUp(ForeignDescriptor(descriptor), as: entry.number)
        }
        for number in former.kept.programs where service.programs[number] != nil {
            guard let file = former.kept.take(.program(number)) else { continue }
            port.programs.takeUp(file, as: number)
        }
        port.binds.resume(former.kept)
        for left in former.workers {
            guard let process = left.process, let worker = service.workers[left.id] else {
                continue
            }
            let handle = WorkerHandle(
                left.id, process, ends(of: left.id, former, isJoined: worker.isJoined),
                told: port.processes.environment(of: left.id, of: service),
                given: port.processes.given(left.id, service), isJoined: worker.isJoined, in: loop)
            port.binds.resumePorts(of: left.id, former.kept)
            port.processes.take(handle)
            handle.channel?.version = worker.channelVersion
            port.places.keep(process, as: .worker(left.id, .process))
        }
        // Before a name can become another's.
        for name in former.kept.names { port.places.vault.forget(name) }
    }

    private func ends(
        of id: WorkerID, _ former: Predecessor, isJoined: Bool
    ) -> WorkerEnds {
        func shared(_ part: KeptName.WorkerPart) -> SharedDescriptor? {
            guard let descriptor = former.kept.take(.worker(id, part)) else { return nil }
            return SharedDescriptor(descriptor)
        }
        let notify: NotifyEndpoint?
        if let socket = former.kept.take(.worker(id, .notify)) {
            notify = NotifyEndpoint(adopting: socket, of: id, in: former.context.runtime)
        } else if isJoined {
            notify = nil
        } else {
            notify = try? NotifyEndpoint(
                for: id, in: former.context.runtime,
                owner: port.processes.identity)
        }
        var calls: BindEndpoint?
        if let descriptor = former.kept.take(.worker(id, .calls)) {
            calls = BindEndpoint(adopting: descriptor)
        }
        return WorkerEnds(
            out: shared(.out), err: shared(.err), notify: notify, channel: shared(.channel),
            calls: calls)
    }
}

extension Listener {
    /// Sockets that are there before the first generation, the ones to be used first in front.
    var socketsAtHand: [(SlotID, BoundSocket)] {
        preferWaiting()
        let free = idle.isEmpty || givenSlots > 0 ? idle : []
        let others = slots.values.filter { slot in !free.contains { $0 === slot } }
            .sorted { $0.number < $1.number }
        return (free + others).map {
            (SlotID(listener: number, number: $0.number), $0.bound())
        }
    }
}
