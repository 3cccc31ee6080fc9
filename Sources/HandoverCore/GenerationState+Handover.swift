extension GenerationState {
    /// Changes the handover that the generation is on the move for, if any.
    mutating func changeHandover(_ change: (inout Handover) -> Void) {
        switch self {
        case .preparing(var preparing):
            preparing.purpose.change(change)
            self = .preparing(preparing)
        case .starting(var starting):
            starting.purpose.change(change)
            self = .starting(starting)
        case .draining(var draining):
            draining.errand.change(change)
            self = .draining(draining)
        case .retiring(var retiring):
            retiring.errand.change(change)
            self = .retiring(retiring)
        case .failing(var failing):
            if var handover = failing.handover {
                change(&handover)
                failing.handover = handover
            }
            self = .failing(failing)
        case .yielding(var yielding):
            change(&yielding.handover)
            self = .yielding(yielding)
        case .current, .lending, .stopped, .failed: break
        }
    }
}
