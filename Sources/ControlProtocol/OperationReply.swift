/// The reply of `Upgrade`, `Rollback`, `Restart` and `Stop`: with `more`, any number with progress
/// alone come before the last.
package struct OperationReply: Codable, Equatable, Sendable {
    package var progress: OperationProgress?
    /// In the last reply: the generation that is, or is to become, current.
    package var generation: Int?
    /// In the last reply: the number of the handover in the history.
    package var handover: Int?
    /// In the last reply of a caller that waited for the drain's end.
    package var report: HandoverSummary?
    /// Of an upgrade of a service with a settings file: what became of its changes. In the first reply, and again
    /// in the last.
    package var settings: [SettingOutcome]?

    package init(
        progress: OperationProgress? = nil, generation: Int? = nil, report: HandoverSummary? = nil,
        settings: [SettingOutcome]? = nil
    ) {
        self.progress = progress
        self.generation = generation
        self.report = report
        self.settings = settings
    }
}
