/// What came of asking one service how it is.
package struct ServiceLook: Equatable, Sendable {
    /// Why there is no status.
    package enum Failure: String, CaseIterable, Sendable {
        /// Its socket is there, and nobody listens.
        case gone
        /// It may not be asked by this user.
        case denied
        /// No answer in time.
        case silent
        /// An answer that is none.
        case malformed
    }

    /// The control socket's path.
    package let path: String
    package let answer: Result<ServiceStatus, Failure>

    package init(path: String, _ answer: Result<ServiceStatus, Failure>) {
        self.path = path
        self.answer = answer
    }

    /// The name of the folder that the socket is in, which is the service's as a rule, whether or not it answers.
    package var name: String { String(path.split(separator: "/").dropLast().last ?? "?") }
}

extension ServiceLook.Failure: Error {}
