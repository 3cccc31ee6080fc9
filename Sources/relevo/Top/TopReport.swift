import ControlProtocol

/// A look at services and what passed since the one before, as one object.
struct TopReport: Encodable {
    struct Service: Encodable {
        let name: String
        let control: String
        let up: Bool
        /// Why there is no status: gone, denied, silent or malformed.
        let reason: String?
        let newSessions: Int?
        let oldSessions: Int?
        /// A second; nil where there was nothing to compare with.
        let rates: TopService.Rates?
        /// Of one processor, all workers together.
        let cpu: Double?
        let residentBytes: Int?
        let workers: [Worker]
        let status: ServiceStatus?
    }

    struct Worker: Encodable {
        let generation: Int
        let index: Int
        let pid: Int?
        /// Of one processor.
        let cpu: Double?
        let residentBytes: Int?
    }

    let services: [Service]

    init(_ model: TopModel) {
        services = model.services.map { service in
            let status = service.trouble == nil ? service.status : nil
            return Service(
                name: service.name, control: service.path, up: service.trouble == nil,
                reason: service.trouble?.reason.rawValue,
                newSessions: status?.newSessions, oldSessions: status?.oldSessions,
                rates: service.rates, cpu: service.share, residentBytes: service.residentBytes,
                workers: (status?.generations ?? []).flatMap { generation in
                    generation.workers.map { worker in
                        Worker(
                            generation: generation.id, index: worker.index, pid: worker.pid,
                            cpu: service.share(of: worker, generation),
                            residentBytes: worker.residentBytes)
                    }
                }, status: status)
        }
    }
}
