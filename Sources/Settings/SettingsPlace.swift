/// A line of a settings file.
struct SettingsPlace: Sendable {
    let file: String
    /// From 1 on.
    let line: Int
}
