package import HandoverCore

/// Who asked for a generation, and when it began.
package struct Origin: Hashable, Codable, Sendable {
    /// In seconds since 1970; nil until the port has said it.
    package var at: UInt64?
    /// Who asked over the control socket; nil where nobody did, as for the first generation.
    package var uid: UInt32?
    /// What they said it is for.
    package var message: String?

    package init(at: UInt64? = nil, uid: UInt32? = nil, message: String? = nil) {
        self.at = at
        self.uid = uid
        self.message = message
    }
}

/// The owner of what is known of programs: by the generation that each was found for first, whose
/// number is the program's.
package struct Programs: Sendable {
    package private(set) var found: [GenerationID: Program] = [:]
    private(set) var origins: [GenerationID: Origin] = [:]
    /// Generations whose program is being found, and whether their bank is there already.
    private var asked: [GenerationID: Bool] = [:]

    package subscript(number: GenerationID) -> Program? { found[number] }

    package func origin(of generation: GenerationID) -> Origin? { origins[generation] }

    mutating func put(_ program: Program, as number: GenerationID) { found[number] = program }

    mutating func note(_ origin: Origin, of generation: GenerationID) {
        origins[generation] = origin
    }

    mutating func ask(for generation: GenerationID) { asked[generation] = false }

    /// A bank is there; false where its generation's program is still being found.
    mutating func mayStart(_ generation: GenerationID) -> Bool {
        guard asked[generation] != nil else { return true }
        asked[generation] = true
        return false
    }

    /// A program is found, or cannot be; true where only that was waited for.
    mutating func isAnswered(_ generation: GenerationID) -> Bool {
        asked.removeValue(forKey: generation) ?? false
    }

    mutating func began(_ generation: GenerationID, at time: UInt64) {
        if origins[generation]?.at == nil { origins[generation, default: Origin()].at = time }
    }

    /// Lets go of what no generation can be started from again.
    ///
    /// - Returns: the numbers of the programs that nobody needs any more.
    mutating func keep(for generations: [Generation]) -> [GenerationID] {
        // This is asked after each event, so nothing is built for an answer that is no as a rule.
        for id in origins.keys where !generations.contains(where: { $0.id == id }) {
            origins[id] = nil
        }
        let left = found.keys.filter { number in
            !generations.contains {
                !$0.isOver
                    && ($0.launch.program == number || $0.previous?.program == number)
            }
        }.sorted()
        for number in left { found[number] = nil }
        return left
    }
}

extension Programs {
    /// Those that a predecessor has written down.
    init(_ found: [GenerationID: Program]) { self.found = found }
}

extension Service {
    /// Has the programs let go of that no generation can be started from again.
    mutating func letGoOfPrograms(_ turn: inout ServiceTurn) {
        for number in programs.keep(for: machine.generations) { turn.emit(.forgetProgram(number)) }
    }

    /// Has a generation's program found, before anything of it is started.
    mutating func identify(_ generation: GenerationID, _ turn: inout ServiceTurn) {
        guard let started = machine.generation(generation), !started.launch.isJoined else { return }
        if programs.origin(of: generation) == nil {
            let request = started.handover?.request.flatMap { requests[$0] }
            programs.note(request?.origin ?? Origin(), of: generation)
        }
        programs.ask(for: generation)
        turn.emit(.identify(generation))
    }

    /// A rollback runs what it can, and says what it cannot: the executable alone is held.
    mutating func programLost(
        _ generation: GenerationID, _ change: ProgramChange, _ turn: inout ServiceTurn
    ) {
        guard let started = machine.generation(generation), let number = started.launch.program
        else { return }
        let text =
            "\(change.text): what generation \(number) began with is held by nobody, and generation "
            + "\(generation) runs what is there now"
        turn.warn(text, nil)
        if let id = started.handover?.request {
            turn.emit(requests.remark(text, generation, to: id, at: turn.now))
        }
    }

    /// A generation's program is known.
    mutating func identified(
        _ generation: GenerationID, _ program: Program?, at time: UInt64, _ turn: inout ServiceTurn
    ) {
        if programs.isAnswered(generation) { prepared(generation, &turn) }
        let started = machine.generation(generation)
        if started != nil { programs.began(generation, at: time) }
        guard let program else { return }
        guard let started, started.launch.program == generation else {
            // It was found for one that is over: nobody else would let go of it.
            if programs[generation] == nil { turn.emit(.forgetProgram(generation)) }
            return
        }
        programs.put(program, as: generation)
        guard let former = started.handover?.from, former != generation,
            let launch = machine.generation(former)?.launch, launch.isSame(as: started.launch),
            let number = launch.program, let before = programs[number],
            program.isSame(as: before), let path = program.executable?.path
        else { return }
        let text = "the same files run again: \(path) is what generation \(former) runs"
        turn.emit(.announce(.note(.notice, text, nil)))
        if let id = started.handover?.request {
            turn.emit(requests.remark(text, generation, to: id, at: turn.now))
        }
    }
}
