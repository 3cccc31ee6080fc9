package import SystemPackage

/// A process that could not be started: at which step, on what, and why.
package struct SpawnError: Error, Equatable, Sendable, CustomStringConvertible {
    package let step: SpawnStep
    package let errno: Errno
    /// The program's path, or the folder that the step is about.
    package let subject: String

    package init(step: SpawnStep, errno: Errno, subject: String) {
        self.step = step
        self.errno = errno
        self.subject = subject
    }

    package var description: String { "\(step.words) \(subject): \(errno)" }
}
