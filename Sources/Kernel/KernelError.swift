package import SystemPackage

/// A system call that the kernel refused: what was tried, on what, and why.
package struct KernelError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The man-page name of the call, "bind" say.
    package let call: String
    package let errno: Errno
    /// What the call was made on, an address or a path, empty where the call alone says it.
    package let subject: String

    package init(_ call: String, _ errno: Errno, on subject: String = "") {
        self.call = call
        self.errno = errno
        self.subject = subject
    }

    /// As another process has told it.
    package init(_ call: String, number: Int32, on subject: String = "") {
        self.init(call, Errno(rawValue: number), on: subject)
    }

    package var description: String {
        subject.isEmpty ? "\(call): \(errno)" : "\(call) \(subject): \(errno)"
    }
}
