import ArgumentParser
import Kernel

// A reader that goes away is an error of a write, never the end of the program.
try? ignoreSignal(SignalNumber.pipe)
// Nor is a limit on the size of files, which memory files are to the kernel.
try? ignoreSignal(SignalNumber.fileTooLarge)
// What becomes a supervisor hears it in the end: it must not end before.
let becomesSupervisor = ["run", "adopt"].contains(ProgramArguments.all.first)
if becomesSupervisor {
    try? holdSignal(SignalNumber.hangUp)
}
let status: ExitStatus
do {
    let words = HostArguments.moved(ProgramArguments.all)
    try HostArguments.check(words)
    var command = try Relevo.parseAsRoot(words)
    try command.run()
    status = .done
} catch let failure as Failure {
    failure.report(asMain: becomesSupervisor)
    status = failure.status
} catch {
    status = Relevo.answer(to: error)
}
Relevo.exit(withError: ExitCode(status.rawValue))
