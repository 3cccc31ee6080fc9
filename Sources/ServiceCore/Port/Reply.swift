package import HandoverCore

/// What an asker is told.
package enum Reply: Equatable, Sendable {
    /// A step on the way; the answer comes later.
    case progress(Progress, sinceAsked: Duration)
    /// Something to know about the generation that was asked for.
    case remark(String, GenerationID, sinceAsked: Duration)
    /// It is done; this generation is current, and this is how the handover went where it was waited for.
    case done(GenerationID?, Summary?)
    case refused(String)
    /// Who asks has not the right to ask for this.
    case notPermitted(String)
    /// Refused since another handover is under way.
    case handoverInProgress(String)
    case shuttingDown
    case nothingToRollBackTo
    /// It came to nothing, which the handover of that number tells of.
    case failed(String, output: [String], handover: Int? = nil)
    case invalidParameter(String)
    case status([SlotID: FlowCount])
    /// One handover of the history, or nil for all.
    case history(Int?)

    /// A handover's report with its reason explained.
    package struct Summary: Equatable, Sendable {
        package let report: HandoverReport
        package let reason: String?
    }
}
