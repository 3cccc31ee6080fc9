import ControlProtocol

/// Whether services are there, what they run, and how many workers do.
struct LifeMetrics {
    /// Of the current generation each is told, so that none at all is a 0.
    private static let workerStates: [WorkerStateName] = [
        .starting, .ready, .restarting, .stopping, .stopped, .failed,
    ]

    private var up = MetricFamily(
        "relevo_up", .gauge, "Whether the service's supervisor answered: 1 or 0.")
    private var failure = MetricFamily(
        "relevo_scrape_failure", .gauge,
        "Why a supervisor did not answer: gone, denied, silent or malformed.")
    private var info = MetricFamily(
        "relevo_service", .info,
        "The supervisor's version, and the build id or SHA-256 of the current generation's program."
    )
    private var generation = MetricFamily(
        "relevo_generation", .gauge,
        "The number of the current generation; absent while none is current.")
    private var generations = MetricFamily(
        "relevo_generations", .gauge, "Generations by state.")
    private var workers = MetricFamily(
        "relevo_workers", .gauge, "Workers by their generation's state and their own.")
    private var restarts = MetricFamily(
        "relevo_worker_restarts", .counter, "Workers that were started again after a crash.")
    private var changed = MetricFamily(
        "relevo_program_changed", .gauge,
        "Whether the program on disk differs from the one that the current generation runs: 1 or 0."
    )
    private var settings = MetricFamily(
        "relevo_settings_changed", .gauge,
        "Settings that have changed and are not in effect, by their number.")

    var families: [MetricFamily] {
        [up, failure, info, generation, generations, workers, restarts, changed, settings]
    }

    mutating func add(_ reason: ServiceLook.Failure, _ service: Label) {
        up.add(0, [service])
        failure.add(1, [service, Label("reason", reason.rawValue)])
    }

    mutating func add(_ status: ServiceStatus, _ service: Label) {
        up.add(1, [service])
        let current = status.current.flatMap { number in
            status.generations.first { $0.id == number }
        }
        info.add(
            1,
            [
                service, Label("version", status.version),
                Label("program_id", Self.id(of: current?.program)),
            ])
        if let current { generation.add(current.id, [service]) }
        addGenerations(of: status, service)
        restarts.add(status.tally?.workerRestarts ?? 0, [service])
        changed.add(current?.program?.changed == nil ? 0 : 1, [service])
        settings.add(status.changedSettings?.count ?? 0, [service])
    }

    private mutating func addGenerations(of status: ServiceStatus, _ service: Label) {
        var states = Dictionary(uniqueKeysWithValues: GenerationRole.allCases.map { ($0, 0.0) })
        var counts: [GenerationRole: [String: Double]] = [
            .current: Dictionary(
                uniqueKeysWithValues: Self.workerStates.map { ($0.rawValue, 0) })
        ]
        for generation in status.generations {
            let role = GenerationRole(generation.state)
            states[role, default: 0] += 1
            for worker in generation.workers {
                // A newer supervisor may know more.
                let isKnown = Self.workerStates.contains(worker.state)
                counts[role, default: [:]][
                    isKnown ? worker.state.rawValue : "other", default: 0] += 1
            }
        }
        for role in GenerationRole.allCases {
            let label = Label("generation", role.rawValue)
            generations.add(states[role] ?? 0, [service, Label("state", role.rawValue)])
            for (state, count) in (counts[role] ?? [:]).sorted(by: { $0.key < $1.key }) {
                workers.add(count, [service, label, Label("state", state)])
            }
        }
    }

    /// As many digits as tell two programs apart.
    private static func id(of program: ProgramStatus?) -> String {
        String((program?.buildID ?? program?.sha256 ?? "").prefix(40))
    }
}

/// What a generation is at the moment, in few words.
enum GenerationRole: String, CaseIterable {
    case starting, canary, current, draining, retiring, other

    init(_ state: GenerationState) {
        switch state {
        case .starting: self = .starting
        case .canary: self = .canary
        case .current: self = .current
        case .draining: self = .draining
        case .retiring: self = .retiring
        default: self = .other
        }
    }
}
