package import ControlProtocol

extension GenerationStatus {
    /// It without what its workers take of the machine and have loaded, which is another answer once it was looked.
    package var withoutUses: GenerationStatus {
        var status = self
        for at in status.workers.indices {
            status.workers[at].cpuSeconds = nil
            status.workers[at].residentBytes = nil
        }
        status.program?.loadedNewer = nil
        return status
    }
}
