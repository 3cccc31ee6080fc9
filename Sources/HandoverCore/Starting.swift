/// A generation whose workers are on their way to ready.
package struct Starting: Hashable, Codable, Sendable {
    var purpose: StartPurpose
    /// Whether the last process has been seen to run.
    var allRun = false
}
