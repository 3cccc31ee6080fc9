package import HandoverCore

/// What a supervisor writes down for the next one, part by part.
package enum RecordPart: Hashable, Codable, Sendable {
    case service(ServicePart)
    case listener(Int, ListenerPart)
    case generation(GenerationID, GenerationPart)
    case worker(WorkerID, WorkerPart)
    case stored([StoredEntry])
    case duties([Duty])
    /// How many at the front of the duties are done.
    case dutiesDone(Int)
    case program(GenerationID, Program)
    case history(RequestID, HistoryPart)

    /// What the service is as a whole.
    package struct ServicePart: Hashable, Codable, Sendable {
        package var machine: Machine.Head
        package var lastRequest: Int
        package var holdsLifeLine: Bool
        package var flipped: GenerationID?
        package var following: Launch?
        package var isShuttingDown: Bool
        /// Whether it was left to be started again; nil means no, as in records of before there was this.
        package var isRestarting: Bool?
    }

    package struct ListenerPart: Hashable, Codable, Sendable {
        package var shape: ListenerShape
        package var idle: [Slot]
        package var lostAtClosed: Int
        /// What shows that it is served, where that is in doubt.
        package var evidence: Evidence?
    }

    package struct GenerationPart: Hashable, Codable, Sendable {
        package var head: Generation.Head
        package var workers: Int
        package var hasBank: Bool
        package var lines: [String]
        package var reason: String?
        package var origin: Origin?
    }

    /// A worker as the machine knows it, its slots, and its process.
    package struct WorkerPart: Hashable, Codable, Sendable {
        package var worker: HandoverCore.Worker
        package var slots: [[Slot]]
        package var process: ProcessPart?
    }

    /// A handover that the history's file does not have as it is now.
    package struct HistoryPart: Hashable, Codable, Sendable {
        package var entry: HistoryEntry
        package var began: Instant
        /// What was counted when it was looked first.
        package var base: Traffic?
    }

    package struct ProcessPart: Hashable, Codable, Sendable {
        package var life: WorkerProcess.Life
        package var startedAt: Instant
        package var isJoined: Bool
        package var answersBinds: Bool
        package var isDraining: Bool
        package var toldDeadline: Instant?
        package var channelVersion: Int?
        package var statusText: String?
        package var speaksNotify: Bool
        package var saidReady: Bool
        package var isReady: Bool
        package var waiting: [Duty]
    }
}

/// The name of a part of the record.
package enum PartKey: Hashable, Sendable {
    case service
    case listener(Int)
    case generation(GenerationID)
    case worker(WorkerID)
    case stored
    case duties
    case dutiesDone
    case program(GenerationID)
    case history(RequestID)
}

/// Finds out which parts of a service have changed since they were written down last.
package struct Recorder: Sendable {
    private var service: RecordPart.ServicePart?
    private var listeners: [Int: RecordPart.ListenerPart] = [:]
    private var generations: [GenerationID: RecordPart.GenerationPart] = [:]
    private var workers: [WorkerID: RecordPart.WorkerPart] = [:]
    private var stored: [StoredEntry] = []
    /// Of the duties that are written down; nil before they are for the first time.
    private var duties: (edition: Int, done: Int)?
    private var programs: [GenerationID: Program] = [:]
    /// By their editions.
    private var history: [RequestID: Int] = [:]
    /// What a predecessor has written down, and nobody has looked yet whether it is there still.
    private var former: Set<PartKey> = []

    /// - Parameter state: what there is already; what has changed of it is written again, or taken out.
    package init(after state: PredecessorState? = nil) {
        guard let state else { return }
        former = state.keys
        service = state.service
        listeners = Dictionary(uniqueKeysWithValues: zip(0..., state.listeners))
        generations = Dictionary(uniqueKeysWithValues: state.generations.map { ($0.head.id, $0) })
        workers = state.workers
        stored = state.stored
        programs = state.programs
    }

    /// What is to be written down now, in an order that does not matter; nil takes a part out.
    package mutating func changes(_ now: inout Service) -> [(PartKey, RecordPart?)] {
        var changes: [(PartKey, RecordPart?)] = []
        let part = now.servicePart
        if part != service {
            service = part
            changes.append((.service, .service(part)))
        }
        let changed = now.banks.takeChanged()
        for number in changed.listeners.union(now.adopted.takeChanged()) {
            let part = now.banks.listenerPart(number, now.adopted[number])
            guard part != listeners[number] else { continue }
            listeners[number] = part
            changes.append((.listener(number), .listener(number, part)))
        }
        var touched = now.workers.takeChanged().union(changed.workers)
        touched.formUnion(now.machine.takeChanged())
        addGenerations(now, &changes, &touched)
        for id in touched {
            let part = now.workerPart(id)
            guard part != workers[id] else { continue }
            workers[id] = part
            changes.append((.worker(id), part.map { .worker(id, $0) }))
        }
        if now.store.entries != stored {
            stored = now.store.entries
            changes.append((.stored, stored.isEmpty ? nil : .stored(stored)))
        }
        addDuties(now.pending, &changes)
        if now.programs.found != programs {
            for (number, program) in now.programs.found where programs[number] != program {
                changes.append((.program(number), .program(number, program)))
            }
            for number in programs.keys where now.programs[number] == nil {
                changes.append((.program(number), nil))
            }
            programs = now.programs.found
        }
        if now.history.unsettled != history { addHistory(now.history, &changes) }
        // What is there no more is to be found by nobody.
        if !former.isEmpty {
            former.subtract(changes.map(\.0))
            changes += former.filter { !now.has($0) }.map { ($0, nil) }
            former = []
        }
        return changes
    }

    private mutating func addHistory(
        _ now: History, _ changes: inout [(PartKey, RecordPart?)]
    ) {
        for (id, edition) in now.unsettled where history[id] != edition {
            changes.append((.history(id), now.part(id).map { .history(id, $0) }))
        }
        for id in history.keys where now.unsettled[id] == nil {
            changes.append((.history(id), nil))
        }
        history = now.unsettled
    }

    private mutating func addDuties(
        _ now: Duties, _ changes: inout [(PartKey, RecordPart?)]
    ) {
        if now.edition != duties?.edition {
            changes.append((.duties, now.listed.isEmpty ? nil : .duties(now.listed)))
            changes.append((.dutiesDone, now.done == 0 ? nil : .dutiesDone(now.done)))
        } else if now.done != duties?.done {
            changes.append((.dutiesDone, .dutiesDone(now.done)))
        }
        duties = (now.edition, now.done)
    }

    /// Whether a generation is as it was written down; that is asked after each input, of all of them.
    private func isWritten(_ now: Service, _ index: Int) -> Bool {
        let id = now.machine.generations[index].id
        guard let place = generations.index(forKey: id),
            generations.values[place].head.isHead(of: now.machine.generations[index])
        else { return false }
        // What it printed, and why it failed, comes later.
        return now.machine.generations[index].phase != .failed
            && generations.values[place].hasBank == now.banks.has(id)
            && generations.values[place].origin == now.programs.origin(of: id)
    }

    /// - Parameter touched: the workers of generations that are gone are added.
    private mutating func addGenerations(
        _ now: Service, _ changes: inout [(PartKey, RecordPart?)], _ touched: inout Set<WorkerID>
    ) {
        for index in now.machine.generations.indices where !isWritten(now, index) {
            let part = now.generationPart(now.machine.generations[index])
            guard part != generations[part.head.id] else { continue }
            generations[part.head.id] = part
            changes.append((.generation(part.head.id), .generation(part.head.id, part)))
        }
        guard generations.count > now.machine.generations.count else { return }
        let shown = Set(now.machine.generations.map(\.id))
        for id in generations.keys where !shown.contains(id) {
            generations[id] = nil
            changes.append((.generation(id), nil))
            touched.formUnion(workers.keys.filter { $0.generation == id })
        }
    }
}

extension Service {
    /// Whether there is something to be written down under a name.
    fileprivate func has(_ key: PartKey) -> Bool {
        switch key {
        case .service, .duties, .dutiesDone: true
        case .listener(let number): banks.listeners.indices.contains(number)
        case .generation(let id): machine.generation(id) != nil
        case .worker(let id): workerPart(id) != nil
        case .stored: !store.entries.isEmpty
        case .program(let number): programs[number] != nil
        case .history(let id): history.knows(id)
        }
    }

    var servicePart: RecordPart.ServicePart {
        RecordPart.ServicePart(
            machine: machine.head, lastRequest: requests.lastNumber,
            holdsLifeLine: holdsLifeLine, flipped: flipped, following: following.former,
            isShuttingDown: isShuttingDown, isRestarting: isRestarting ? true : nil)
    }

    func generationPart(_ generation: Generation) -> RecordPart.GenerationPart {
        // What a generation printed matters once it has failed.
        let tells = generation.phase == .failed
        return RecordPart.GenerationPart(
            head: generation.head, workers: generation.workers.count,
            hasBank: banks.has(generation.id),
            lines: tells ? explanations.lines(of: generation.id) : [],
            reason: tells ? explanations.reason(of: generation.id) : nil,
            origin: programs.origin(of: generation.id))
    }

    func workerPart(_ id: WorkerID) -> RecordPart.WorkerPart? {
        guard let generation = machine.generation(id.generation),
            generation.workers.indices.contains(id.index)
        else { return nil }
        return RecordPart.WorkerPart(
            worker: generation.workers[id.index], slots: banks.slots(of: id),
            process: workers[id].map(\.part))
    }
}

extension WorkerProcess {
    var part: RecordPart.ProcessPart {
        RecordPart.ProcessPart(
            life: life, startedAt: startedAt, isJoined: isJoined, answersBinds: answersBinds,
            isDraining: isDraining, toldDeadline: toldDeadline, channelVersion: channelVersion,
            statusText: statusText, speaksNotify: readiness?.judge.speaksNotify ?? false,
            saidReady: readiness?.judge.saidReady ?? false,
            isReady: readiness?.isReady ?? isJoined, waiting: waiting)
    }
}
