import ArgumentParser
import Kernel
import Settings

// A reader that goes away is an error of a write, never the end of the program.
try? ignoreSignal(SignalName.pipe.number)
// From its first moment on: that is where the time without a supervisor is counted from.
_ = SupervisorProgram.haste
let status: ExitStatus
do {
    var command = try Relevo.parseAsRoot()
    try command.run()
    status = .done
} catch let failure as Failure {
    failure.report()
    status = failure.status
} catch {
    status = Relevo.answer(to: error)
}
Relevo.exit(withError: ExitCode(status.rawValue))
