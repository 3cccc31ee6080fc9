/// Why a frame is not the reply that was hoped for.
package enum AnswerFault: Error, Equatable, Sendable, CustomStringConvertible {
    case malformed
    case error(ControlError)

    package var description: String {
        switch self {
        case .malformed: "the supervisor's answer is not understood; are both of one version?"
        case .error(let error): error.description
        }
    }
}
