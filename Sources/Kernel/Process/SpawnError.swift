package import SystemPackage

/// A process that could not be started: at which step, on what, and why.
package struct SpawnError: Error, Equatable, Sendable, CustomStringConvertible {
    package let step: SpawnStep
    package let errno: Errno
    /// The program's path, or the folder that the step is about.
    package let subject: String

    package var description: String { "\(step.words) \(subject): \(errno)" }
}
