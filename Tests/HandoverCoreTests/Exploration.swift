import HandoverCore

/// Every order of events to some depth, each state seen once.
struct Exploration {
    /// States met, by the depth left when they were.
    private var seen: [Int: Int] = [:]
    private(set) var steps = 0
    /// The first broken rule, with the way to it.
    private(set) var fault: String?
    let choices: (World) -> [World.Choice]
    let check: (World) -> String?

    init(
        choices: @escaping (World) -> [World.Choice],
        check: @escaping (World) -> String? = { _ in nil }
    ) {
        self.choices = choices
        self.check = check
    }

    mutating func explore(_ world: World, depth: Int, path: [World.Choice] = []) {
        guard depth > 0, fault == nil else { return }
        for choice in choices(world) {
            var next = world
            next.take(choice)
            next.effects = []
            next.log = []
            steps += 1
            let key = next.hashValue
            // A state that was met has been checked.
            if let broken = next.faults.first ?? (seen[key] == nil ? check(next) : nil) {
                fault = "\(broken) after \(path + [choice])"
                return
            }
            if let left = seen[key], left >= depth { continue }
            seen[key] = depth
            explore(next, depth: depth - 1, path: path + [choice])
        }
    }
}
