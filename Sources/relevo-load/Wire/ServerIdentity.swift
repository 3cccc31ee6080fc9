import Kernel

/// Which process of which generation answers.
struct ServerIdentity: Hashable {
    var generation: UInt32
    var worker: UInt32
    var process: UInt32

    init(generation: UInt32, worker: UInt32, process: UInt32) {
        self.generation = generation
        self.worker = worker
        self.process = process
    }

    /// A process that was started as a worker; nil where that cannot be told, or it is gone.
    init?(of process: Int32) {
        let entries = ProcessView.environment(of: process).map {
            String(decoding: $0, as: UTF8.self)
        }
        func number(_ name: String) -> UInt32? {
            entries.first { $0.hasPrefix("\(name)=") }.flatMap {
                UInt32($0.dropFirst(name.count + 1))
            }
        }
        guard let generation = number("RELEVO_GENERATION"), let worker = number("RELEVO_WORKER")
        else { return nil }
        self.init(
            generation: generation, worker: worker, process: UInt32(bitPattern: process))
    }

    /// This process, its generation and worker as the supervisor has told it, 0 where nobody has.
    static var this: ServerIdentity {
        func number(_ name: String) -> UInt32 {
            Environment.value(of: name).flatMap { UInt32($0) } ?? 0
        }
        return ServerIdentity(
            generation: number("RELEVO_GENERATION"), worker: number("RELEVO_WORKER"),
            process: UInt32(bitPattern: ProcessIdentity.processID))
    }
}
