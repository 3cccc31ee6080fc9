import HandoverCore
import Settings

/// A rollback to a generation that is not the one before: what the history has of it is started again.
struct ProgramLookUp: Sendable {
    let generation: GenerationID
    let launch: Launch
    /// What it ran; nil where that was never found.
    let program: Program?
    /// What is started, once that is known.
    var found: Launch?
    /// What the settings said then.
    let settings: [String]
    /// The names of what says it again.
    var restored: [String] = []
    let isOfEarlierLife: Bool
    let asker: AskerID?
    let wait: Wait
    let sendsProgress: Bool
    let origin: Origin
}

extension Service {
    mutating func rollBack(
        to id: GenerationID, _ asker: AskerID?, _ wait: Wait, sendsProgress: Bool,
        by origin: Origin, _ turn: inout ServiceTurn
    ) {
        let isStarting = machine.generations.contains { $0.phase == .starting }
        let draining = machine.generations.filter { $0.phase == .draining && $0.isWhole }
        if id == machine.current, !isStarting {
            return refuse("generation \(id) is current", asker, &turn)
        }
        // It serves still, or a handover from it is called off.
        if isStarting ? id == machine.current : draining.map(\.id) == [id] {
            ask("rollback", asker, wait, sendsProgress: sendsProgress, by: origin, &turn) {
                .rollback($0)
            }
            return
        }
        guard let entry = history.entries.last(where: { $0.to == id && $0.timeToFlip != nil })
        else { return refuse(whyUnknown(id), asker, &turn) }
        guard entry.launch.group == nil else {
            return refuse(
                "the workers of generation \(id) join by themselves: start them again", asker, &turn
            )
        }
        guard let command = entry.launch.command.first, !command.isEmpty, entry.launch.workers > 0
        else {
            return refuse(
                "the command of generation \(id) was too long to be remembered", asker, &turn)
        }
        let order = ProgramLookUp(
            generation: id,
            launch: Launch(command: entry.launch.command, workers: entry.launch.workers),
            program: entry.launch.program, settings: entry.launch.settings,
            isOfEarlierLife: entry.number < history.firstOfThisLife ?? 0, asker: asker, wait: wait,
            sendsProgress: sendsProgress, origin: origin)
        if let held = held(order) { return restore(held, order, &turn) }
        lastLookUp += 1
        lookUps[lastLookUp] = order
        turn.emit(.findProgram(lastLookUp, entry.launch.command))
    }

    /// Has its settings be as they were before it is started with them.
    private mutating func restore(
        _ launch: Launch, _ order: ProgramLookUp, _ turn: inout ServiceTurn
    ) {
        if let obstacle = settings.obstacle(toWorkers: launch.workers) {
            return refuse(obstacle, order.asker, &turn)
        }
        guard settings.notable != order.settings else { return start(launch, order, &turn) }
        var order = order
        order.found = launch
        lastLookUp += 1
        lookUps[lastLookUp] = order
        turn.emit(.restoreSettings(lastLookUp, order.settings))
    }

    mutating func settingsRestored(
        _ number: Int, _ names: [String], _ turn: inout ServiceTurn
    ) {
        guard var order = lookUps.removeValue(forKey: number), let launch = order.found else {
            return
        }
        order.restored = names
        start(launch, order, &turn)
    }

    private func whyUnknown(_ id: GenerationID) -> String {
        guard let failed = history.entries.last(where: { $0.to == id }) else {
            return "generation \(id) is not in the history: relevo history lists those that are"
        }
        return "generation \(id) never became current\(failed.reason.map { ": \($0)" } ?? "")"
    }

    /// A launch for the files that a generation began with, where they are held still.
    private func held(_ order: ProgramLookUp) -> Launch? {
        guard let program = order.program else { return nil }
        for generation in machine.generations.reversed() {
            for case var launch? in [generation.launch, generation.previous]
            where launch.command == order.launch.command && launch.group == nil {
                guard let number = launch.program, programs[number]?.isSame(as: program) == true
                else { continue }
                launch.workers = order.launch.workers
                return launch
            }
        }
        return nil
    }

    /// It is known what the command of a generation of the history leads to now.
    mutating func programFound(_ number: Int, _ found: Program?, _ turn: inout ServiceTurn) {
        guard let order = lookUps.removeValue(forKey: number) else { return }
        if let program = order.program, let file = program.executable {
            let remedy = "install it again, or name a command: relevo upgrade -- COMMAND"
            let id = "generation \(order.generation) ran \(file.named)\(program.mark)"
            guard let found else {
                return refuse("\(id), which is not there any more: \(remedy)", order.asker, &turn)
            }
            guard program.isSameVersion(as: found) else {
                return refuse(
                    "\(id), which is another file now\(found.mark): \(remedy)", order.asker, &turn)
            }
        }
        restore(order.launch, order, &turn)
    }

    private mutating func start(
        _ launch: Launch, _ order: ProgramLookUp, _ turn: inout ServiceTurn
    ) {
        let id = ask(
            "rollback", order.asker, order.wait, sendsProgress: order.sendsProgress,
            by: order.origin, &turn
        ) { .upgrade($0, launch) }
        guard let handover = machine.handovers.first(where: { $0.request == id }) else { return }
        following.isOutdated()
        for text in remarks(on: order) {
            turn.emit(.announce(.note(.notice, text, nil)))
            turn.emit(requests.remark(text, handover.to, to: id, at: turn.now))
        }
    }

    /// What is not as it was then, though the program and its arguments are.
    private func remarks(on order: ProgramLookUp) -> [String] {
        var remarks: [String] = []
        if order.isOfEarlierLife {
            remarks.append(
                "generation \(order.generation) is one of before the service was started last")
        }
        if order.program == nil {
            remarks.append("which file generation \(order.generation) ran is not known")
        }
        if !order.restored.isEmpty {
            let names = order.restored.joined(separator: ", ")
            remarks.append(
                "\(names) as with generation \(order.generation), until an upgrade follows the settings file "
                    + "again")
        }
        let now = settings.notable
        let differing =
            order.settings.filter { !now.contains($0) }.map { "\($0) then" }
            + now.filter { !order.settings.contains($0) }.map { "\($0) now" }
        if !differing.isEmpty {
            remarks.append(
                "settings that are not those of generation \(order.generation) stay as they are: "
                    + differing.joined(separator: ", "))
        }
        return remarks
    }

    private func refuse(_ reason: String, _ asker: AskerID?, _ turn: inout ServiceTurn) {
        turn.emit(.announce(.note(.notice, "rollback refused: \(reason)", nil)))
        turn.emit(asker.map { .tell($0, .refused(reason)) })
    }
}

extension Program {
    /// Whether it is the same version, wherever on disk it is: by its build id or SHA-256, where it has one.
    package func isSameVersion(as other: Program) -> Bool {
        guard let mine = executable?.facts, let its = other.executable?.facts,
            files.count == other.files.count
        else { return false }
        func looksSame(_ one: FileFacts, _ other: FileFacts) -> Bool {
            one.size == other.size && one.modified == other.modified
        }
        let isSame: Bool
        if let buildID, let id = other.buildID {
            isSame = buildID == id && mine.size == its.size
        } else if let sha256, let sum = other.sha256 {
            isSame = sha256 == sum
        } else {
            isSame = looksSame(mine, its)
        }
        return isSame
            && zip(files, other.files).dropFirst().allSatisfy { looksSame($0.facts, $1.facts) }
    }

    /// What tells it from others, for a person.
    fileprivate var mark: String {
        if let buildID { return " (build \(buildID.prefix(12)))" }
        return sha256.map { " (SHA-256 \($0.prefix(12)))" } ?? ""
    }
}

extension History {
    /// The number of the entry with which this life of the service began.
    var firstOfThisLife: Int? { entries.last { $0.from == nil }?.number }
}
