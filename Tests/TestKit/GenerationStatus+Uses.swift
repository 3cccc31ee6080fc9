package import ControlProtocol

extension GenerationStatus {
    /// It without what its workers take of the machine, which is other at each look.
    package var withoutUses: GenerationStatus {
        var status = self
        for at in status.workers.indices {
            status.workers[at].cpuSeconds = nil
            status.workers[at].residentBytes = nil
        }
        return status
    }
}
