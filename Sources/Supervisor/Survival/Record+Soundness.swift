import HandoverCore
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
        return generationFault ?? bankFault
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
                1...Supervisor.mostWorkers ~= workers.count
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
        for generation in machine.generations where generation.workers.contains(where: \.hasProcess)
        {
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
