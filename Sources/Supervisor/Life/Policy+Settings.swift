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
        switch settings.stopDrainTimeout {
        case .after(let time): stopDrainTimeout = time
        case .infinity: stopDrainTimeout = nil
        }
        drainWaitsFor = Set(
            settings.drainWaitsFor.map {
                switch $0 {
                case .flows: .flows
                case .connections: .connections
                case .connected: .connected
                case .ports: .ports
                case .reported: .reported
                }
            })
        drainKeep = settings.drainKeep
        linger = settings.linger
        stopTimeout = settings.stopTimeout
        emptyTimeout = settings.stopTimeout
    }
}
