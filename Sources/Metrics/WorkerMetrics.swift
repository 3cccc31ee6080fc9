import ControlProtocol

/// What workers take of the machine.
struct WorkerMetrics {
    /// No service may have more workers; what else is told comes from a supervisor that is not ours.
    private static let most = 512

    private var time = MetricFamily(
        "relevo_worker_cpu_seconds", .counter, unit: "seconds",
        "Processor time of workers' processes, by their number and their generation's state.")
    private var memory = MetricFamily(
        "relevo_worker_resident_bytes", .gauge, unit: "bytes",
        "Memory of workers' processes, by their number and their generation's state.")

    var families: [MetricFamily] { [time, memory] }

    mutating func add(_ status: ServiceStatus, _ service: Label) {
        for role in GenerationRole.allCases {
            let workers = status.generations.filter { GenerationRole($0.state) == role }
                .flatMap(\.workers).filter { (0..<Self.most).contains($0.index) }
            let label = Label("generation", role.rawValue)
            // Several generations may drain: those of one number are told together.
            for (index, some) in Dictionary(grouping: workers, by: \.index)
                .sorted(by: { $0.key < $1.key })
            {
                let labels = [service, label, Label("worker", "\(index)")]
                let times = some.compactMap(\.cpuSeconds)
                if !times.isEmpty { time.add(times.reduce(0, +), labels) }
                let sizes = some.compactMap(\.residentBytes)
                if !sizes.isEmpty { memory.add(sizes.reduce(0) { $0 + Double($1) }, labels) }
            }
        }
    }
}
