import ControlProtocol
import Kernel
import Keeper
import Logging
import Settings

extension Supervisor {
    /// Whether this program takes over a record that is to be read by this version and later ones.
    package static func reads(recordFormat text: String) -> Bool {
        Int(text).map { 1...Record.formatVersion ~= $0 } ?? false
    }

    /// How long the new program may take to say that it can take over.
    private static let patience = Duration.seconds(5)

    /// Replaces this program by the one that is installed now, in this process.
    ///
    /// All that must outlive that is in the keeper already. The new program is asked first whether it
    /// can take over; the asker is answered before, for nothing can be said after.
    ///
    /// - Parameter more: the asker takes another reply, the reason if it fails at the last step; when
    ///   the connection ends without one it has not failed.
    func reexec(more: Bool, for connection: ControlConnection?) {
        var mayAnswer = true
        var leftOver: Int32?
        do {
            let program = try successor()
            let file = try MemoryFile(named: "relevo-settings")
            try file.replaceContents(with: Array(settings.render().utf8))
            log.notice("\(program) takes over in this process")
            saveRecord()
            settleStore()
            keeper.settle()
            connection?.reply(.done, continues: more)
            mayAnswer = more
            OutputSink.standardOutput.flush()
            OutputSink.standardError.flush()
            let number = file.intoDescriptor().release()
            leftOver = number
            try replaceProcess(
                executable: program,
                arguments: ["relevod", "--settings", "\(number)"] + (origin?.arguments ?? [])
                    + ["--resume"],
                environment: Environment.strings(), keeping: [number])
        } catch {
            log.error("reexec: \(error)")
            if let leftOver { _ = OwnedDescriptor(adopting: leftOver) }
            if mayAnswer {
                connection?.reply(.error(.refused(reason: "reexec: \(error)")))
            }
        }
    }

    /// The program to go on with, seen to be able to.
    private func successor() throws -> String {
        let program = executable
        let plan = SpawnPlan(
            executable: program,
            arguments: [program, "--reads", "\(Record.readableFrom)"],
            environment: Environment.strings())
        let child = try ChildProcess.spawn(plan)
        guard try child.wait(for: .readable, within: Self.patience) else {
            try child.signal(Signal.kill)
            _ = try child.waitForExit()
            throw SupervisorError("\(program) does not say whether it can take over")
        }
        guard try child.waitForExit() == .code(0) else {
            throw SupervisorError(
                "\(program) cannot take over what this one writes (format "
                    + "\(Record.formatVersion)); stop and start, or install a later one")
        }
        return program
    }
}
