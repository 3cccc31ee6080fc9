internal import Glibc

extension RelevoError: CustomStringConvertible {
    /// What was tried and why it failed, in one line.
    public var description: String { "\(action): \(reason)" }
}

extension RelevoError.Reason: CustomStringConvertible {
    /// In words.
    public var description: String {
        switch self {
        case .system(let code): Self.text(code)
        case .refused(let refusal): "the supervisor refused: \(refusal)"
        case .ended: "the other end is gone for good"
        case .timedOut: "no answer in time"
        case .noSuchListener: "no such listener, or its sockets have all been taken"
        case .invalid: "a value that cannot be"
        case .malformed: "the other end does not speak as it should"
        case .unsupported: "not without a supervisor"
        case .notSteered: "the listener's steering heeds no ids that a worker makes"
        }
    }

    private static func text(_ code: Int32) -> String {
        guard let text = unsafe strerror(code) else { return "error \(code)" }
        return unsafe String(cString: text)
    }
}
