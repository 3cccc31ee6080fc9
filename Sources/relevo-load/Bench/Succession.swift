import ControlProtocol
import Kernel

/// A service before its supervisor was killed and under the next one.
struct Succession {
    let before: ServiceStatus
    let after: ServiceStatus

    /// Whether the next one goes on with the same generation, or one that was on its way.
    var keepsCurrent: Bool {
        guard let current = after.current else { return false }
        return [before.current, before.handover?.from, before.handover?.to].contains(current)
    }

    /// Workers that run and that the next supervisor does not know.
    var lostWorkers: Int {
        let known = Self.workers(after)
        return Self.workers(before).subtracting(known).count {
            SupervisedService.isAlive(Int32($0))
        }
    }

    private static func workers(_ status: ServiceStatus) -> Set<Int> {
        Set(status.generations.flatMap(\.workers).compactMap(\.pid))
    }
}
