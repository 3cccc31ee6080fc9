import ControlProtocol
import HandoverCore
import Logging

/// A change that somebody asked for and waits to hear of.
struct PendingRequest {
    /// Who is told; nobody where the request came by a signal.
    weak var connection: ControlConnection?
    /// How long the last reply is held back.
    var wait: Wait
    /// Whether progress is sent on the way.
    var more: Bool
    /// What it is called in the log.
    var what: String
    var began: Instant
    /// The generation that it has started.
    var generation: GenerationID?

    /// Sends progress to who asked for it.
    func send(_ progress: OperationProgress) {
        guard more else { return }
        connection?.reply(.operation(OperationReply(progress: progress)), continues: true)
    }
}
