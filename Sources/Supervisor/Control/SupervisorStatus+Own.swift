import ControlProtocol
import Kernel

extension SupervisorStatus {
    /// Of this very process, at this moment: a few system calls.
    static func own(log: String?) -> SupervisorStatus {
        let limit = (try? ResourceLimit.openFiles.read())?.soft
        return SupervisorStatus(
            cpuSeconds: ProcessorTime.ofProcess().seconds,
            residentBytes: OwnMemory.resident() ?? 0, descriptors: OpenFiles.count() ?? 0,
            descriptorLimit: limit.flatMap { Int(exactly: $0) }, log: log)
    }
}
