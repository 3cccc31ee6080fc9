import ControlProtocol
import Kernel

/// Why a command ends without success: one line for people and a number for programs.
struct Failure: Error, Equatable {
    let status: ExitStatus
    /// Empty where everything has been said already.
    let message: String

    init(_ status: ExitStatus, _ message: String) {
        self.status = status
        self.message = message
    }

    init(_ error: KernelError, otherwise status: ExitStatus = .failed) {
        self.init(error.isPermissionDenied ? .permission : status, "\(error)")
    }

    init(_ fault: AnswerFault) {
        switch fault {
        case .malformed: self.init(.failed, "\(fault)")
        case .error(let error):
            switch error {
            case .permissionDenied: self.init(.permission, "\(error)")
            case .invalidParameter: self.init(.usage, "\(error)")
            case .interfaceNotFound, .methodNotFound, .methodNotImplemented, .expectedMore,
                .upgradeFailed, .handoverInProgress, .nothingToRollBackTo, .refused,
                .shuttingDown, .unknown:
                self.init(.failed, "\(error)")
            }
        }
    }

    /// One line on standard error, whatever the message holds.
    func report() {
        guard !message.isEmpty else { return }
        let line = message.split(whereSeparator: \.isNewline).joined(separator: " ")
        Console.complain("relevo: \(line)")
    }
}
