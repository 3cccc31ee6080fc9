package import ControlProtocol
import Kernel

extension Service {
    /// One of its generations as it stands; nil when it is no longer shown.
    package func generation(_ id: Int) throws -> GenerationStatus? {
        try status().generations.first { $0.id == id }
    }

    /// The process of a worker of any generation.
    package func worker(_ index: Int, of generation: Int) throws -> Int32? {
        try self.generation(generation)?.workers.first { $0.index == index }?.pid.map { Int32($0) }
    }

    /// Sends a signal to a worker.
    package func signal(_ signal: Int32, worker index: Int = 0, of generation: Int) throws {
        guard let pid = try worker(index, of: generation) else {
            throw NotStarted(lines: ["no worker \(generation).\(index)"])
        }
        try ProcessHandle(opening: pid).signal(signal)
    }

    /// Waits until a generation stands so.
    package func eventually(_ id: Int, _ condition: (GenerationStatus) -> Bool) throws -> Bool {
        try eventually { $0.generations.first { $0.id == id }.map(condition) ?? false }
    }

    /// Waits until a generation has ended and the handover from it has been reported.
    package func ended(_ id: Int) throws -> Bool {
        try eventually { status in
            status.handover == nil
                && status.generations.first { $0.id == id }
                    .map { $0.state == .stopped || $0.state == .failed } ?? true
        }
    }

    /// Waits until the first listener has been sent so many more datagrams.
    package func receives(_ count: Int) throws -> Bool {
        func datagrams(_ status: ServiceStatus) -> Int {
            status.listeners.first?.counters.datagrams ?? 0
        }
        let before = datagrams(try status())
        return try eventually { datagrams($0) >= before + count }
    }
}
