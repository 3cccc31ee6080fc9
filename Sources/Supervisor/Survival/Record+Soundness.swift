import HandoverCore
import Settings
import Steering

extension Record {
    /// Times and counts beyond these are nobody's, and sums of them would overflow.
    private static let longest = Duration.seconds(20_000_000_000)
    private static let most = 1 << 40

    /// Why a record that can be decoded would lead its reader astray; nil for a sound one.
    ///
    /// - Parameter listenerCount: how many the settings have.
    func fault(listenerCount: Int) -> String? {
        if let odd = Self.oddNumber(in: self) { return "\(odd) is out of range" }
        if listeners.count != listenerCount { return "its listeners are not those of its settings" }
        if let odd = listeners.first(where: {
            !(1...SlotLimits.mostSlots ~= $0.steering.setup.slotCapacity)
        }) {
            return "a listener of \(odd.steering.setup.slotCapacity) slots cannot be"
        }
        if let odd = workers.first(where: { $0.pid <= 1 && $0.isJoined != true }) {
            return "a worker is process \(odd.pid)"
        }
        if let odd = stored?.first(where: { !(0..<SlotLimits.mostWorkers ~= $0.index) }) {
            return "something is stored for worker \(odd.index)"
        }
        return generationFault ?? bankFault ?? effectFault
    }

    /// How many workers each bank has room for.
    private var rooms: [GenerationID: Int] {
        Dictionary(banks.map { ($0.generation, $0.slots.count) }) { first, _ in first }
    }

    /// What is to be done must be possible.
    private var effectFault: String? {
        let rooms = rooms
        func isThere(_ id: WorkerID) -> Bool { 0..<rooms[id.generation, default: 0] ~= id.index }
        for effect in effects {
            let isSound =
                switch effect {
                case .prepareBank(_, let workers): 1...SlotLimits.mostWorkers ~= workers
                case .inheritBank(let heir, let workers, let from):
                    1...SlotLimits.mostWorkers ~= workers
                        && (rooms[from] != nil || rooms[heir] != nil)
                case .startWorker(let id): isThere(id) && machine.generation(id.generation) != nil
                case .abandonWorker(let id): rooms[id.generation] == nil || isThere(id)
                case .steerNewFlows(let id, let workers):
                    rooms[id] == nil || workers.allSatisfy { isThere(WorkerID(id, $0)) }
                case .freeBank, .stopWorker, .killWorker, .resteer, .tellDraining, .tellResumed,
                    .countFlows, .watchQueues, .answer, .progress, .handoverEnded, .ended:
                    true
                }
            if !isSound { return "\(effect) cannot be done" }
        }
        guard let target = machine.steering, let room = rooms[target.generation] else { return nil }
        return target.workers.allSatisfy { 0..<room ~= $0 } ? nil : "new flows go to no worker"
    }

    private var generationFault: String? {
        let ids = machine.generations.map(\.id.number)
        if zip(ids, ids.dropFirst()).contains(where: { $0 >= $1 }) {
            return "its generations are out of order"
        }
        for generation in machine.generations {
            let workers = generation.workers
            guard workers.map(\.index) == Array(workers.indices),
                workers.count == generation.launch.workers, !generation.launch.command.isEmpty,
                1...SlotLimits.mostWorkers ~= workers.count
            else { return "the workers of generation \(generation.id) are not what it started" }
        }
        return nil
    }

    private var bankFault: String? {
        var used = [Set<Int>](repeating: [], count: listeners.count)
        for (index, listener) in listeners.enumerated() {
            for slot in listener.idle where !used[index].insert(slot).inserted {
                return "slot \(slot) is idle twice"
            }
        }
        var owners: [GenerationID: Int] = [:]
        for bank in banks {
            guard owners.updateValue(bank.slots.count, forKey: bank.generation) == nil else {
                return "generation \(bank.generation) has two banks"
            }
            for (index, parts) in bank.slots.flatMap({ Array($0.enumerated()) }) {
                guard used.indices.contains(index) else { return "a slot is at no listener" }
                for part in parts
                where !used[index].insert(part.number).inserted
                    || !(0..<listeners[index].steering.setup.slotCapacity ~= part.number)
                {
                    return "slot \(part.number) is in use twice, or none"
                }
            }
            if bank.slots.contains(where: { $0.count != listeners.count }) {
                return "a worker has no slots at a listener"
            }
        }
        for generation in machine.generations where generation.needsBank {
            guard owners[generation.id, default: 0] >= generation.workers.count else {
                return "generation \(generation.id) has workers and no bank for them"
            }
        }
        return nil
    }

    /// The first number, however deep, that is out of all proportion.
    private static func oddNumber(in value: Any) -> String? {
        switch value {
        case let number as Int: return abs(number.clamped) < most ? nil : "\(number)"
        case let time as Duration: return time > .zero - longest && time < longest ? nil : "a time"
        case is String: return nil
        default:
            for child in Mirror(reflecting: value).children {
                if let odd = oddNumber(in: child.value) { return odd }
            }
            return nil
        }
    }
}

extension Int {
    /// Itself, but for the one number that has no absolute value.
    fileprivate var clamped: Int { Swift.max(self, -.max) }
}

extension Generation {
    /// Whether a worker of it has, or may yet be given, a process.
    fileprivate var needsBank: Bool {
        workers.contains { worker in
            switch worker.state {
            case .spawning, .starting, .ready, .backingOff, .stopping, .killed: true
            case .waiting, .gone: false
            }
        }
    }
}
