import ControlProtocol
import Kernel
import Settings

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
            case .permissionDenied, .notPermitted: self.init(.permission, "\(error)")
            case .invalidParameter: self.init(.usage, "\(error)")
            case .interfaceNotFound, .methodNotFound, .methodNotImplemented, .expectedMore,
                .upgradeFailed, .handoverInProgress, .nothingToRollBackTo, .refused,
                .shuttingDown, .unknown:
                self.init(.failed, "\(error)")
            }
        }
    }

    /// The first mistake in one line, and how to see the others of a file.
    init(_ errors: SettingsErrors, _ status: ExitStatus) {
        guard let first = errors.errors.first else {
            self.init(status, "bad settings")
            return
        }
        guard status == .settings else {
            self.init(status, first.message)
            return
        }
        let others = errors.errors.count - 1
        let more = others > 0 ? " (and \(others) more; see relevo check-settings)" : ""
        self.init(status, "\(first)\(more)")
    }

    /// One line on standard error, whatever the message holds.
    ///
    /// - Parameter asMain: this process is a service manager's main one, which is told as well.
    func report(asMain: Bool = false) {
        guard !message.isEmpty else { return }
        let line = message.split(whereSeparator: \.isNewline).joined(separator: " ")
        let mark = StandardStream.error.isJournal ? "<3>" : ""
        Console.complain("\(mark)relevo: \(line)")
        if asMain { sayStatus(line) }
    }
}
