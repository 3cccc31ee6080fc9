/// One key that the settings file says otherwise than it runs.
package struct SettingDifference: Codable, Equatable, Sendable {
    /// The listener's address; nil for a key of [Service].
    package var listener: String?
    package var key: String
    /// The values of its lines; none where nothing is said.
    package var running: [String]
    package var file: [String]
    /// upgrade, restart (of the supervisor), stop (and a start), never (an option of relevo run wins).
    package var takesEffect: String

    package init(
        listener: String?, key: String, running: [String], file: [String], takesEffect: String
    ) {
        self.listener = listener
        self.key = key
        self.running = running
        self.file = file
        self.takesEffect = takesEffect
    }
}

/// The parameters of a `CompareSettings` reply.
package struct SettingsReply: Codable, Equatable, Sendable {
    /// nil where the service was started without one.
    package var file: String?
    /// Why the file cannot be compared; then there are no differences.
    package var problem: String?
    package var differences: [SettingDifference]

    package init(file: String?, problem: String? = nil, differences: [SettingDifference] = []) {
        self.file = file
        self.problem = problem
        self.differences = differences
    }
}
