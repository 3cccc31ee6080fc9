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

    /// Who asked for another program, and whether another reply is taken: the reason if it fails at
    /// the last step.
    struct ReexecAsker {
        weak var connection: ControlConnection?
        let more: Bool
    }

    /// Replaces this program by the one that is installed now, in this process.
    ///
    /// The new program is asked first whether it can take over; meanwhile all goes on, and whoever asks for
    /// the same waits for the same answer.
    ///
    /// - Parameter more: the asker takes another reply; when the connection ends without one it has
    ///   not failed.
    func reexec(more: Bool, for connection: ControlConnection?) {
        reexecAskers.append(ReexecAsker(connection: connection, more: more))
        guard successor == nil else { return }
        let program = executable
        var plan = SpawnPlan(
            executable: program,
            arguments: [program, "--reads", "\(Record.readableFrom)"],
            environment: Environment.strings())
        plan.session = .newGroup
        do {
            successor = try ProgramQuestion(plan, within: Self.patience, in: loop) {
                [unowned self] answer in
                successor = nil
                switch answer {
                case .code(0): goOn(as: program)
                case nil:
                    refuseReexec("\(program) does not say whether it can take over")
                case .some:
                    refuseReexec(
                        "\(program) cannot take over what this one writes (format "
                            + "\(Record.formatVersion)); stop and start, or install a later one")
                }
            }
        } catch {
            refuseReexec("\(error)")
        }
    }

    private func refuseReexec(_ reason: String) {
        log.error("reexec: \(reason)")
        let askers = reexecAskers
        reexecAskers = []
        for asker in askers {
            asker.connection?.reply(.error(.refused(reason: "reexec: \(reason)")))
        }
    }

    /// Goes on as a program that has said that it can.
    ///
    /// All that must outlive that is in the keeper already. Who asked is answered before, for nothing can
    /// be said after. This process's life as this program is over, so that it waits: for the manager 1 s at
    /// most, for the keeper 5.
    private func goOn(as program: String) {
        var leftOver: Int32?
        do {
            let file = try MemoryFile(named: "relevo-settings")
            try file.replaceContents(with: Array(settings.render().utf8))
            log.notice("\(program) takes over in this process")
            saveRecord()
            settleStore()
            keeper.settle()
            for asker in reexecAskers { asker.connection?.reply(.done, continues: asker.more) }
            reexecAskers.removeAll { !$0.more }
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
            if let leftOver { _ = OwnedDescriptor(adopting: leftOver) }
            refuseReexec("\(error)")
        }
    }
}
