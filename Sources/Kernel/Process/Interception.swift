/// Whether a process's calls of bind(2) wait for an answer.
package enum Interception: ~Copyable, Sendable {
    /// It was not asked for.
    case off
    /// They are answered through this.
    case on(CallNotifier)
    /// It cannot be had here; the process runs without.
    case refused(errno: Int32)
}
