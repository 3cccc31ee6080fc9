import HandoverCore
import Kernel
import ServiceCore

extension Worker {
    /// What the next supervisor must know of it.
    var record: Record.WorkerPart {
        Record.WorkerPart(
            id: id, pid: pid, startedAt: startedAt,
            isDraining: isDraining,
            speaksNotify: readiness?.judge.speaksNotify ?? false,
            saidReady: readiness?.judge.saidReady ?? false, statusText: statusText,
            channelVersion: channel?.version, isJoined: isJoined ? true : nil)
    }
}
