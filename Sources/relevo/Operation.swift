import ControlClient
import ControlProtocol

/// Asks for a long operation and shows it until its last reply.
struct Operation {
    /// In messages: "upgrade failed: ...".
    let name: String
    let request: ControlRequest
    /// Whether its answer is printed as it came, and nothing else.
    let output: JSONOption

    /// The last reply; throws when the operation failed.
    @discardableResult
    func run(on connection: ControlConnection) throws(Failure) -> OperationReply {
        try connection.catchInterrupts()
        try checkUnderstood(on: connection)
        try connection.send(ControlCall(request, more: true))
        var text = OperationText()
        defer { if !output.json { Console.showProgress("") } }
        while true {
            let answer = try next(on: connection)
            if answer.continues, let settings = answer.parameters.settings {
                tell(settings)
            }
            if !output.json, let progress = answer.parameters.progress {
                if let line = OperationText.line(progress) {
                    Console.showProgress("")
                    Console.say(line)
                } else if Console.isTerminal {
                    Console.showProgress(text.passing(progress))
                } else if let line = text.change(progress) {
                    Console.say(line)
                }
            }
            guard answer.continues else { return answer.parameters }
        }
    }

    /// What became of each setting that the file says otherwise than it ran.
    private func tell(_ settings: [SettingOutcome]) {
        for line in OperationText.brought(settings) { output.say(line) }
        if let note = OperationText.left(settings) { Console.complain("relevo: note: \(note)") }
    }

    /// Sees that the supervisor will not let pass what changes the meaning of the request.
    func checkUnderstood(on connection: ControlConnection) throws(Failure) {
        guard let (declaration, parameter) = request.decisive else { return }
        try connection.send(ControlCall(.getInterfaceDescription(interface: Interfaces.supervisor)))
        let text = try connection.reply(as: DescriptionReply.self, within: .seconds(10)).parameters
        guard InterfaceDescription.has(parameter, of: declaration, in: text.description) else {
            throw Failure(
                .failed,
                "\(name): the supervisor is older than this relevo and does not know '\(parameter)': "
                    + "relevo reexec brings the relevod that is installed now")
        }
    }

    private func next(
        on connection: ControlConnection
    ) throws(Failure) -> ControlAnswer<OperationReply> {
        let frame: [UInt8]
        do throws(Failure) {
            frame = try connection.frame()
        } catch {
            let host = connection.host.map { " -H \($0.text)" } ?? ""
            guard error.status == .interrupted else {
                guard connection.host != nil else { throw error }
                throw Failure(
                    error.status,
                    "the connection is lost and the \(name) goes on over there, see relevo\(host) "
                        + "status: \(error.message)")
            }
            throw Failure(
                .interrupted, "interrupted; the \(name) goes on, see relevo\(host) status")
        }
        do throws(AnswerFault) {
            let answer = try ControlAnswer<OperationReply>.decode(frame)
            if !answer.continues { output.give(answer: frame) }
            return answer
        } catch {
            if !output.json { Console.showProgress("") }
            output.give(answer: frame)
            if case .error(.upgradeFailed(let reason, let lines, let handover)) = error {
                for line in lines { output.say("  | " + StatusText.printable(line)) }
                let more = handover.map { "; relevo history \($0) has its course" } ?? ""
                throw Failure(.failed, "\(name) failed: \(reason)\(more)")
            }
            let failure = Failure(error)
            throw Failure(failure.status, "\(name): \(failure.message)")
        }
    }
}
