package import ControlProtocol

/// What is told of all services of a machine.
///
/// Labels have few values: generations are told apart by their state and not by their number, which rises with
/// each upgrade. A label's value comes from a folder's name, from settings, or out of a list of words.
package struct ServiceMetrics {
    var life = LifeMetrics()
    var traffic = TrafficMetrics()
    var handovers = HandoverMetrics()
    var supervisors = SupervisorMetrics()
    var workers = WorkerMetrics()

    /// - Parameter looks: one for each service.
    package init(_ looks: [ServiceLook]) {
        var names: Set<String> = []
        for look in looks {
            // Two users may have services of one name: the second one is told by its folder.
            let isNew = names.insert(look.name).inserted
            let service = Label("service", isNew ? look.name : look.path)
            switch look.answer {
            case .success(let status): add(status, service)
            case .failure(let failure): life.add(failure, service)
            }
        }
    }

    private mutating func add(_ status: ServiceStatus, _ service: Label) {
        life.add(status, service)
        traffic.add(status, service)
        handovers.add(status, service)
        supervisors.add(status, service)
        workers.add(status, service)
    }

    /// - Parameter more: what is told of the one who tells.
    package func text(_ format: Exposition, more: ExporterMetrics? = nil) -> [UInt8] {
        format.text(
            life.families + traffic.families + handovers.families + supervisors.families
                + workers.families + (more?.families ?? []))
    }
}

/// What is told of the exporter itself.
package struct ExporterMetrics {
    let families: [MetricFamily]

    /// - Parameters:
    ///   - scrapes: how often services were asked.
    ///   - seconds: how long it took them this time.
    package init(scrapes: Int, seconds: Double, version: String) {
        var info = MetricFamily("relevo_exporter", .info, "The exporter.")
        info.add(1, [Label("version", version)])
        var count = MetricFamily(
            "relevo_exporter_scrapes", .counter, "Times that the services were asked.")
        count.add(scrapes, [])
        var time = MetricFamily(
            "relevo_exporter_scrape_seconds", .gauge, unit: "seconds",
            "How long it took the services to answer this time.")
        time.add(seconds, [])
        families = [info, count, time]
    }
}
