package import HandoverCore

/// Something that happened, for the log, the journal and those who follow the events.
package enum Notice: Equatable, Sendable {
    case progress(Progress)
    case handoverEnded(Reply.Summary)
    case workerStarted(WorkerID, pid: Int32)
    case workerReady(WorkerID, pid: Int32)
    case workerExited(WorkerID, WorkerExit, pid: Int32)
    /// Something that an administrator should look at.
    case warning(String, WorkerID?)
    /// Something that may lose traffic or state.
    case critical(String)
    case note(NoteLevel, String, WorkerID?)

    package enum NoteLevel: Sendable { case debug, info, notice, warning, error }
}
