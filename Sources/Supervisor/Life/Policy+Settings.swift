import HandoverCore
import Settings

extension Policy {
    /// The operator's limits as the machine knows them.
    init(_ settings: ServiceSettings) {
        self.init()
        overlap = settings.overlap
        readyTimeout = settings.readyTimeout
        switch settings.drainTimeout {
        case .after(let time): drainTimeout = time
        case .infinity: drainTimeout = nil
        }
        linger = settings.linger
        stopTimeout = settings.stopTimeout
        emptyTimeout = settings.stopTimeout
    }
}
