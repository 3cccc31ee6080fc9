package import Settings

/// One run of a hook: its command, and what it is told.
package struct HookRun: Equatable, Sendable {
    /// Tells it from every other run of this supervisor's life.
    package let number: Int
    package let hook: Hook
    /// What it finds in its environment, by name.
    package let facts: [String: String]
    /// One that takes longer has failed, and is ended.
    package let limit: Duration

    /// It in a few words, for messages.
    package var name: String {
        "hook \(hook.occasion.rawValue) (\(hook.command.first ?? ""))"
    }
}
