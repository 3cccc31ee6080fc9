/// The typed errors of the control socket.
package enum ControlError: Error, Equatable, Sendable {
    case interfaceNotFound(String)
    case methodNotFound(String)
    case methodNotImplemented(String)
    case invalidParameter(String)
    case expectedMore
    case permissionDenied
    /// The caller may not ask for this, though it may ask for other things.
    case notPermitted(reason: String)
    /// Undone; `output` holds the last lines that the new workers printed, `handover` is its number in the history.
    case upgradeFailed(reason: String, output: [String], handover: Int? = nil)
    case handoverInProgress(reason: String)
    case nothingToRollBackTo
    /// The service's settings or its state do not allow what was asked.
    case refused(reason: String)
    case shuttingDown
    /// An error of a peer that is newer than this program.
    case unknown(name: String)
}
