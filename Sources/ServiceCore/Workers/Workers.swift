package import HandoverCore

/// The owner of what is known of the workers' processes.
package struct Workers: Sendable {
    private var processes: [WorkerID: WorkerProcess] = [:]
    /// When they are to be looked at, and when they have missed their watchdog.
    private var looks = Deadlines<WorkerID>()
    private var watchdogs = Deadlines<WorkerID>()
    /// What has to be written down again.
    private var changed: Set<WorkerID> = []

    mutating func takeChanged() -> Set<WorkerID> {
        defer { changed = [] }
        return changed
    }

    package subscript(id: WorkerID) -> WorkerProcess? { processes[id] }

    /// All of them, in the order of their ids.
    package var all: [(id: WorkerID, process: WorkerProcess)] {
        processes.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    func ids(of generation: GenerationID) -> [WorkerID] {
        processes.keys.filter { $0.generation == generation }.sorted { $0.index < $1.index }
    }

    /// Whether it is this process that has the worker's index.
    func runs(_ id: WorkerID, as pid: Int32) -> Bool { processes[id]?.pid == pid }

    /// Whether a process of it runs or is on its way, to read what waits.
    func isAlive(_ id: WorkerID) -> Bool {
        switch processes[id]?.life {
        case .running, .asked, .renewing: true
        case .open, nil: false
        }
    }

    /// The workers that the dead keeper may have been asked for.
    var asked: [WorkerID] {
        processes.filter { $0.value.life == .asked }.keys.sorted()
    }

    mutating func begin(_ id: WorkerID, _ life: WorkerProcess.Life, at now: Instant) {
        put(id, WorkerProcess(life, at: now))
    }

    mutating func put(_ id: WorkerID, _ process: WorkerProcess) {
        processes[id] = process
        noteChange(of: id, process)
    }

    @discardableResult
    mutating func remove(_ id: WorkerID) -> WorkerProcess? {
        noteChange(of: id, nil)
        return processes.removeValue(forKey: id)
    }

    /// Changes what is known of a worker; nothing where nothing is.
    mutating func change(_ id: WorkerID, _ body: (inout WorkerProcess) -> Void) {
        guard var process = processes[id] else { return }
        body(&process)
        put(id, process)
    }

    private mutating func noteChange(of id: WorkerID, _ process: WorkerProcess?) {
        changed.insert(id)
        let running = process.flatMap { $0.isRunning ? $0 : nil }
        looks.set(id, to: running?.readiness?.nextLook)
        watchdogs.set(id, to: running?.watchdogAt)
    }

    /// The earliest time at which a worker is to be looked at, or has missed its watchdog.
    var nextDeadline: Instant? { [looks.earliest, watchdogs.earliest].compactMap { $0 }.min() }

    /// The workers that are due to be looked at.
    func lookedAt(by now: Instant) -> [WorkerID] { looks.due(at: now) }

    /// The workers that have been silent for too long.
    func silent(at now: Instant) -> [WorkerID] { watchdogs.due(at: now) }
}

extension Instant {
    /// Later than any deadline.
    static let never = Instant(sinceStart: .seconds(9_000_000_000_000))
}
