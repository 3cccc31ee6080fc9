package import HandoverCore

/// The owner of what is known of the workers' processes.
package struct Workers: Sendable {
    private var processes: [WorkerID: WorkerProcess] = [:]
    /// What has to be written down again.
    private var changed: Set<WorkerID> = []

    mutating func takeChanged() -> Set<WorkerID> {
        defer { changed = [] }
        return changed
    }

    package subscript(id: WorkerID) -> WorkerProcess? { processes[id] }

    /// All of them, in the order of their ids.
    package var all: [(id: WorkerID, process: WorkerProcess)] {
        processes.sorted { ($0.key.generation, $0.key.index) < ($1.key.generation, $1.key.index) }
            .map { ($0.key, $0.value) }
    }

    func ids(of generation: GenerationID) -> [WorkerID] {
        processes.keys.filter { $0.generation == generation }.sorted { $0.index < $1.index }
    }

    /// Whether a process of it runs or is on its way, to read what waits.
    func isAlive(_ id: WorkerID) -> Bool {
        switch processes[id]?.life {
        case .running, .asked, .renewing: true
        case .open, nil: false
        }
    }

    /// The workers that the dead keeper may have been asked for.
    var asked: [WorkerID] {
        processes.filter { $0.value.life == .asked }.keys
            .sorted { ($0.generation, $0.index) < ($1.generation, $1.index) }
    }

    mutating func begin(_ id: WorkerID, _ life: WorkerProcess.Life, at now: Instant) {
        processes[id] = WorkerProcess(life, at: now)
        changed.insert(id)
    }

    mutating func put(_ id: WorkerID, _ process: WorkerProcess) {
        processes[id] = process
        changed.insert(id)
    }

    @discardableResult
    mutating func remove(_ id: WorkerID) -> WorkerProcess? {
        changed.insert(id)
        return processes.removeValue(forKey: id)
    }

    /// Changes what is known of a worker; nothing where nothing is.
    mutating func change(_ id: WorkerID, _ body: (inout WorkerProcess) -> Void) {
        guard var process = processes[id] else { return }
        body(&process)
        processes[id] = process
        changed.insert(id)
    }

    /// The earliest time at which a worker is to be looked at, or has missed its watchdog.
    var nextDeadline: Instant? {
        var earliest: Instant?
        for process in processes.values where process.isRunning {
            if let time = process.readiness?.nextLook { earliest = min(earliest ?? time, time) }
            if let time = process.watchdogAt { earliest = min(earliest ?? time, time) }
        }
        return earliest
    }

    /// The workers that are due to be looked at.
    func lookedAt(by now: Instant) -> [WorkerID] {
        processes.filter { $0.value.isRunning && $0.value.readiness?.nextLook ?? .never <= now }
            .keys.sorted { ($0.generation, $0.index) < ($1.generation, $1.index) }
    }

    /// The workers that have been silent for too long.
    func silent(at now: Instant) -> [WorkerID] {
        processes.filter { $0.value.watchdogAt ?? .never <= now }
            .keys.sorted { ($0.generation, $0.index) < ($1.generation, $1.index) }
    }
}

extension Instant {
    /// Later than any deadline.
    static let never = Instant(sinceStart: .seconds(9_000_000_000_000))
}
