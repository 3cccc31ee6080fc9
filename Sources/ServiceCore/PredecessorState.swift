package import HandoverCore
import Settings

/// What a predecessor has written down, read back and put together.
package struct PredecessorState: Sendable {
    package var service: RecordPart.ServicePart
    package var listeners: [RecordPart.ListenerPart]
    /// In the order of their ids.
    package var generations: [RecordPart.GenerationPart]
    package var workers: [WorkerID: RecordPart.WorkerPart]
    package var stored: [StoredEntry]
    package var duties: [Duty]
    package var programs: [GenerationID: Program] = [:]
    package var history: [RequestID: RecordPart.HistoryPart] = [:]

    /// Why a record does not fit together.
    package struct Fault: Error, Equatable, CustomStringConvertible {
        package let description: String

        init(_ description: String) { self.description = description }
    }

    /// Puts the parts together.
    ///
    /// - Returns: nil where the service has not begun, or has ended.
    /// - Throws: what is missing, or would lead its reader astray.
    package init?(_ parts: [RecordPart]) throws(Fault) {
        var service: RecordPart.ServicePart?
        var listeners: [Int: RecordPart.ListenerPart] = [:]
        var generations: [GenerationID: RecordPart.GenerationPart] = [:]
        workers = [:]
        stored = []
        duties = []
        var done = 0
        for part in parts {
            switch part {
            case .service(let part): service = part
            case .listener(let number, let part): listeners[number] = part
            case .generation(let id, let part): generations[id] = part
            case .worker(let id, let part): workers[id] = part
            case .stored(let entries): stored = entries
            case .duties(let list): duties = list
            case .dutiesDone(let count): done = count
            case .program(let number, let program): programs[number] = program
            case .history(let id, let part): history[id] = part
            }
        }
        duties.removeFirst(min(max(done, 0), duties.count))
        guard let service else { return nil }
        if case .ended = service.machine.service { return nil }
        self.service = service
        self.generations = generations.keys.sorted().compactMap { generations[$0] }
        self.listeners = listeners.keys.sorted().compactMap { listeners[$0] }
        guard listeners.keys.sorted() == Array(0..<listeners.count) else {
            throw Fault("a listener is missing")
        }
        if let fault { throw Fault(fault) }
    }

    /// The current generation.
    package var current: GenerationID? { generations.last { $0.head.isCurrent }?.head.id }

    /// What the current generation runs.
    package var currentProgram: Program? {
        generations.last { $0.head.isCurrent }?.head.launch.program.flatMap { programs[$0] }
    }

    /// Takes in which listeners the port has: one that was being made may have the number of another
    /// one, of which nothing was left.
    package mutating func meet(_ shapes: [ListenerShape]) {
        let known = Banks(resuming: listeners, banks: banks)
        for (number, shape) in shapes.enumerated() where listeners.indices.contains(number) {
            guard known.isVacant(number), !listeners[number].shape.place.isSame(as: shape.place)
            else { continue }
            listeners[number].shape = shape
            listeners[number].shape.socketsPerWorker = 0
            if !shape.isAdopted { listeners[number].shape.standing = .withdrawn }
            listeners[number].evidence = Evidence()
        }
    }

    /// The banks that its generations had.
    var banks: [GenerationID: Bank] {
        var banks: [GenerationID: Bank] = [:]
        for part in generations where part.hasBank {
            banks[part.head.id] = Bank(
                slots: (0..<part.workers).map { workers[WorkerID(part.head.id, $0)]?.slots ?? [] })
        }
        return banks
    }

    /// The slots that are in use, with the inodes of their sockets: for the port to take over.
    package var sockets: [SlotID: UInt64] {
        Banks(resuming: listeners, banks: banks).inUse
    }

    /// The workers that the keeper had been asked for, and of which nothing was heard.
    package var asked: [WorkerID] {
        workers.filter { $0.value.process?.life == .asked }.keys.sorted()
    }

    /// The slots of some of its workers.
    package func slots(of isWanted: (WorkerID) -> Bool) -> Set<SlotID> {
        Set(
            workers.filter { isWanted($0.key) }.values
                .flatMap { $0.slots.flatMap { $0.map(\.id) } })
    }

    /// The names of all parts that it was put together from; duties are always written anew.
    var keys: Set<PartKey> {
        var keys: Set<PartKey> = [.service]
        keys.formUnion(listeners.indices.map { .listener($0) })
        keys.formUnion(generations.map { .generation($0.head.id) })
        keys.formUnion(workers.keys.map { .worker($0) })
        if !stored.isEmpty { keys.insert(.stored) }
        keys.formUnion(programs.keys.map { .program($0) })
        keys.formUnion(history.keys.map { .history($0) })
        return keys
    }

    // MARK: Soundness

    /// Why the state would lead its reader astray; nil for a sound one.
    private var fault: String? {
        for part in generations {
            let id = part.head.id
            guard 1...SlotLimits.mostWorkers ~= part.workers,
                part.workers == part.head.launch.workers,
                !part.head.launch.command.isEmpty
            else { return "generation \(id) has \(part.workers) workers" }
            for index in 0..<part.workers {
                guard let worker = workers[WorkerID(id, index)], worker.worker.index == index else {
                    return "worker \(id).\(index) is missing"
                }
                if worker.needsBank, !part.hasBank {
                    return "worker \(id).\(index) has a process and no slots"
                }
                if part.hasBank, worker.slots.count != listeners.count {
                    return "worker \(id).\(index) has no slots at a listener"
                }
            }
        }
        return slotFault ?? numberFault
    }

    private var slotFault: String? {
        var seen: Set<SlotID> = []
        func take(_ slot: Slot, _ listener: Int) -> String? {
            guard slot.id.listener == listener,
                0..<listeners[listener].shape.capacity ~= slot.id.number,
                1...512 ~= listeners[listener].shape.capacity
            else { return "slot \(slot.id) is none of its listener" }
            return seen.insert(slot.id).inserted ? nil : "slot \(slot.id) is in use twice"
        }
        for (number, listener) in listeners.enumerated() {
            for slot in listener.idle {
                if let fault = take(slot, number) { return fault }
            }
        }
        for part in generations where part.hasBank {
            for index in 0..<part.workers {
                let slots = workers[WorkerID(part.head.id, index)]?.slots ?? []
                for (number, slots) in slots.enumerated() {
                    for slot in slots { if let fault = take(slot, number) { return fault } }
                }
            }
        }
        return nil
    }

    private var numberFault: String? {
        for (id, part) in workers {
            if case .running(let pid) = part.process?.life, pid <= 1,
                part.process?.isJoined == false
            {
                return "worker \(id) is process \(pid)"
            }
        }
        if let odd = stored.first(where: { !(0..<SlotLimits.mostWorkers ~= $0.index) }) {
            return "something is stored for worker \(odd.index)"
        }
        return nil
    }
}

extension RecordPart.WorkerPart {
    /// Whether it has a process, or will be given one.
    fileprivate var needsBank: Bool {
        switch worker.phase {
        case .ready, .restarting, .stopping: true
        case .starting: worker.hasProcess
        case .stopped: false
        }
    }
}
