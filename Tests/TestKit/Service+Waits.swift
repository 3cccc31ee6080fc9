import ControlProtocol

extension Service {
    /// Waits until a worker of the current generation has been started again so often and is ready.
    package func restarted(worker index: Int = 0, times: Int = 1) throws -> Bool {
        try eventually { status in
            let generation = status.generations.first { $0.id == status.current }
            guard let worker = generation?.workers.first(where: { $0.index == index }) else {
                return false
            }
            return worker.restarts == times && worker.state == .ready
        }
    }

    /// Whether this line has been said or is said in time; what a worker prints and what it tells
    /// the supervisor come by different ways, in either order.
    package func says(_ line: String) throws -> Bool {
        if process.output.lines.contains(line) { return true }
        return try process.output.next { $0 == line } != nil
    }

    /// What a worker of the first generation says of itself, or is waited for.
    package func message(ofWorker index: Int = 0) throws -> String? {
        try status().generations.first?.workers.first { $0.index == index }?.message
    }
}
