import HandoverCore

/// One change of state, of a generation or of a worker, and the kind of event that it came by.
struct Transition: Hashable, Comparable, CustomStringConvertible {
    enum Subject: String {
        case generation, worker
    }

    /// The name for what was not there before, as in the diagram.
    static let beginning = "[*]"

    let subject: Subject
    let from: String
    let event: String
    let to: String

    var description: String { "\(subject): \(from) --> \(to) : \(event)" }

    static func < (left: Transition, right: Transition) -> Bool {
        left.description < right.description
    }

    /// What changed from one list of generations to the next.
    static func all(
        from before: [Generation], to after: [Generation], by event: Event
    ) -> [Transition] {
        var found: [Transition] = []
        func note(_ subject: Subject, _ from: (some Equatable)?, _ to: some Equatable) {
            let from = from.map { name($0) } ?? beginning
            let to = name(to)
            if from != to {
                found.append(Transition(subject: subject, from: from, event: name(event), to: to))
            }
        }
        for generation in after {
            let old = before.first { $0.id == generation.id }
            guard old != generation else { continue }
            note(.generation, old?.state, generation.state)
            for worker in generation.workers {
                let state = old?.workers[worker.index].state
                if state != worker.state {
                    note(.worker, state, worker.state)
                }
            }
        }
        return found
    }

    /// The name of an enumeration's case.
    private static func name(_ value: some Any) -> String {
        Mirror(reflecting: value).children.first?.label ?? "\(value)"
    }
}
