import ControlProtocol

/// Asks for a long operation and shows it until its last reply.
struct Operation {
    /// In messages: "upgrade failed: ...".
    let name: String
    let request: ControlRequest

    /// The last reply; throws when the operation failed.
    @discardableResult
    func run(on connection: ControlConnection) throws(Failure) -> OperationReply {
        try connection.catchInterrupts()
        try connection.send(ControlCall(request, more: true))
        var text = OperationText()
        defer { Console.showProgress("") }
        while true {
            let answer = try next(on: connection)
            if let progress = answer.parameters.progress {
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

    private func next(
        on connection: ControlConnection
    ) throws(Failure) -> ControlAnswer<OperationReply> {
        let frame: [UInt8]
        do throws(Failure) {
            frame = try connection.frame()
        } catch {
            guard error.status == .interrupted else { throw error }
            throw Failure(
                .interrupted, "interrupted; the \(name) goes on, see relevo status")
        }
        do throws(AnswerFault) {
            return try ControlAnswer<OperationReply>.decode(frame)
        } catch {
            Console.showProgress("")
            if case .error(.upgradeFailed(let reason, let output)) = error {
                for line in output { Console.say("  | " + StatusText.printable(line)) }
                throw Failure(.failed, "\(name) failed: \(reason)")
            }
            let failure = Failure(error)
            throw Failure(failure.status, "\(name): \(failure.message)")
        }
    }
}
