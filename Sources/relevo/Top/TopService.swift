import ControlProtocol

/// What is known of one service from the looks at it so far.
struct TopService {
    /// As many looks are remembered for the plot.
    static let mostSamples = 1024

    /// Sessions at one look.
    struct Sample: Equatable {
        var old: Int
        var new: Int
    }

    /// What passed between two looks, a second.
    struct Rates: Encodable, Equatable {
        let datagrams: Double
        let newFlows: Double
        let drops: Double
    }

    /// Why there are no figures.
    struct Trouble: Equatable {
        let reason: ServiceLook.Failure
        /// What is left of a service whose supervisor is gone.
        let left: String?

        var words: String { left ?? reason.words }
    }

    /// What its listeners had counted at one look.
    private struct Counts {
        let datagrams: Int
        let newFlows: Int
        let drops: Int

        init(_ status: ServiceStatus) {
            let counters = status.listeners.map(\.counters)
            datagrams = counters.reduce(0) { $0 &+ $1.datagrams }
            newFlows = counters.reduce(0) { $0 &+ $1.newFlows }
            drops = counters.reduce(0) { $0 &+ $1.drops }
        }
    }

    /// One process of a worker's.
    struct WorkerKey: Hashable {
        let generation: Int
        let index: Int
        let pid: Int
    }

    /// The control socket's path.
    let path: String
    private(set) var name: String
    /// The last one that it told.
    private(set) var status: ServiceStatus?
    /// Why it told none at the last look.
    private(set) var trouble: Trouble?
    private(set) var rates: Rates?
    /// Of one processor, by what workers' processes took between two looks.
    private(set) var shares: [WorkerKey: Double] = [:]
    /// The newest one last.
    private(set) var samples: [Sample] = []
    /// Since when it has not answered.
    private(set) var silentSince: Duration?
    private var counted: (counts: Counts, pid: Int, at: Duration)?
    private var times: [WorkerKey: (seconds: Double, at: Duration)] = [:]

    init(path: String, name: String) {
        self.path = path
        self.name = name
    }

    /// It has told how it is.
    mutating func take(_ status: ServiceStatus, at time: Duration) {
        name = status.name
        self.status = status
        trouble = nil
        silentSince = nil
        count(status, at: time)
        weigh(status, at: time)
        samples.append(Sample(old: status.oldSessions, new: status.newSessions))
        if samples.count > Self.mostSamples {
            samples.removeFirst(samples.count - Self.mostSamples)
        }
    }

    /// It has told nothing; what it told before is shown on.
    mutating func miss(_ trouble: Trouble, at time: Duration) {
        self.trouble = trouble
        if silentSince == nil { silentSince = time }
        rates = nil
        shares = [:]
    }

    private mutating func count(_ status: ServiceStatus, at time: Duration) {
        let counts = Counts(status)
        rates = nil
        if let (former, pid, at) = counted, pid == status.pid, at < time {
            let seconds = (time - at) / .seconds(1)
            func rate(_ part: KeyPath<Counts, Int>) -> Double? {
                // What has fallen was counted by another program, or for a listener that is gone.
                let more = counts[keyPath: part] &- former[keyPath: part]
                return more < 0 ? nil : Double(more) / seconds
            }
            if let datagrams = rate(\.datagrams), let flows = rate(\.newFlows),
                let drops = rate(\.drops)
            {
                rates = Rates(datagrams: datagrams, newFlows: flows, drops: drops)
            }
        }
        counted = (counts, status.pid, time)
    }

    private mutating func weigh(_ status: ServiceStatus, at time: Duration) {
        var times: [WorkerKey: (seconds: Double, at: Duration)] = [:]
        shares = [:]
        for generation in status.generations {
            for worker in generation.workers {
                guard let key = WorkerKey(worker, of: generation) else { continue }
                guard let seconds = worker.cpuSeconds else {
                    // It has its turn at another look.
                    times[key] = self.times[key]
                    continue
                }
                if let (former, at) = self.times[key], at < time, seconds >= former {
                    shares[key] = (seconds - former) / ((time - at) / .seconds(1))
                }
                times[key] = (seconds, time)
            }
        }
        self.times = times
    }

    /// Of one processor, of all workers together; nil where nobody knows.
    var share: Double? { shares.isEmpty ? nil : shares.values.reduce(0, +) }

    /// Of all workers together; nil where nobody knows.
    var residentBytes: Int? {
        guard trouble == nil else { return nil }
        let sizes = (status?.generations ?? []).flatMap(\.workers).compactMap(\.residentBytes)
        return sizes.isEmpty ? nil : sizes.reduce(0, &+)
    }

    func share(of worker: WorkerStatus, _ generation: GenerationStatus) -> Double? {
        WorkerKey(worker, of: generation).flatMap { shares[$0] }
    }
}

extension TopService.WorkerKey {
    fileprivate init?(_ worker: WorkerStatus, of generation: GenerationStatus) {
        guard let pid = worker.pid else { return nil }
        self.init(generation: generation.id, index: worker.index, pid: pid)
    }
}

extension ServiceStatus {
    /// The generation that is being tried out.
    var canary: GenerationStatus? { generations.first { $0.canary != nil } }

    /// The generation that may have to give way again.
    var watched: GenerationStatus? { generations.first { $0.watch != nil } }

    /// Whether a generation is kept as it is, to take over again if the watch fails.
    func isKept(_ generation: GenerationStatus) -> Bool {
        guard let watched else { return false }
        return handover?.to == watched.id && handover?.from == generation.id
    }

    /// Those of the generation that new flows go to, or of the one that is tried out.
    var newSessions: Int {
        generations.filter(isNew).reduce(0) { $0 &+ $1.sessions }
    }

    /// Those of all others.
    var oldSessions: Int {
        generations.filter { !isNew($0) }.reduce(0) { $0 &+ $1.sessions }
    }

    func isNew(_ generation: GenerationStatus) -> Bool {
        if let canary { return generation.id == canary.id }
        return generation.id == current && ![.draining, .retiring].contains(generation.state)
    }

    var drops: Int { listeners.reduce(0) { $0 &+ $1.counters.drops } }

    /// Those of which there is something to see.
    var liveGenerations: [GenerationStatus] { generations.filter { $0.state != .stopped } }

    /// The generations whose sessions are waited for.
    var drains: [GenerationStatus] { generations.filter { $0.state == .draining } }
}

extension GenerationStatus {
    /// Live flows, and what else it has while it drains.
    var sessions: Int { flows &+ (outside?.total ?? 0) }
}
