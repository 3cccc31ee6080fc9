/// What is brought back where a successor fails.
struct Fallback: Hashable, Codable, Sendable {
    let launch: Launch
    /// What was current before it.
    let previous: Launch?
}
