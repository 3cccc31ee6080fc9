import ControlProtocol
import HandoverCore
import ServiceCore
import Settings
import Steering

/// What the status shows of the listeners and of what they share.
extension Shell {
    func status(of counts: [SlotID: FlowCount]) -> [ListenerStatus] {
        shown.map { listener in
            let counters = listener.steering.counters()
            return ListenerStatus(
                address: "\(listener.settings.address)",
                steering: listener.steering.setup.shownName,
                counters: ListenerCounters(
                    datagrams: Int(counters.datagrams), pinned: Int(counters.pinned),
                    newFlows: Int(counters.newFlows), fallback: Int(counters.fallback),
                    evicted: Int(counters.evicted), unrecorded: Int(counters.unrecorded),
                    drops: listener.drops,
                    possibleDrops: listener.possibleDrops > 0 ? listener.possibleDrops : nil,
                    rules: counters.rules.map(RuleCounts.init)),
                steeringReason: listener.steeringReason,
                flows: listener.steering.remembersFlows ? flows(at: listener, counts) : nil,
                problems: conductor.service.problems(at: listener.number),
                isHarmed: conductor.service.isHarmed(listener.number))
        }
    }

    /// The tables of flows, each once, with what is counted of all that share it.
    func tables(_ counts: [SlotID: FlowCount]) -> [TableStatus] {
        var places: [SteeringTable: Int] = [:]
        return shown.reduce(into: []) { tables, listener in
            guard let table = listener.steering.table else { return }
            let place = places[table] ?? tables.count
            if place == tables.count {
                places[table] = place
                tables.append(
                    TableStatus(
                        flows: 0, capacity: table.capacity, bytes: table.bytes, listeners: []))
            }
            tables[place].flows += flows(at: listener, counts)
            tables[place].listeners.append("\(listener.settings.address)")
        }
    }

    var shown: [Listener] {
        port.sockets.listeners.filter { conductor.service.shows($0.number) }
    }

    private func flows(at listener: Listener, _ counts: [SlotID: FlowCount]) -> Int {
        counts.filter { $0.key.listener == listener.number }.values
            .reduce(0) { $0 + $1.confirmed + $1.unconfirmed }
    }
}

extension RuleCounts {
    /// As they are shown.
    fileprivate init(_ rules: RuleCounters) {
        self.init(
            tuple: Int(rules.tuple), learned: Int(rules.learned), rebound: Int(rules.rebound),
            hinted: Int(rules.hinted), guessed: Int(rules.guessed),
            unknown: Int(rules.unknown), moved: Int(rules.moved), owner: Int(rules.owner),
            copied: Int(rules.copied), uncopied: Int(rules.uncopied))
    }
}
