import ArgumentParser
import ControlProtocol

/// How long a command stays.
struct WaitOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Until when to wait: flip (the new generation is current) or drained (the old one ended).",
            valueName: "flip|drained"),
        completion: .list(["flip", "drained"]))
    var wait: String?

    @Flag(help: "Return as soon as the request is taken.")
    var noWait = false

    @Option(
        help: ArgumentHelp(
            "What it is for, in a line that relevo status shows.", valueName: "text"))
    var message: String?

    func validate() throws {
        if noWait, wait != nil {
            throw ValidationError("--wait and --no-wait contradict each other; use one")
        }
        if let wait, wait != "flip", wait != "drained" {
            throw ValidationError("--wait '\(wait)' is neither flip nor drained")
        }
    }

    /// The line as the supervisor takes it.
    func line() throws(Failure) -> String? {
        guard let message else { return nil }
        let isLine = message.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7f }
        guard isLine, message.utf8.count <= 1_024 else {
            throw Failure(.usage, "--message: write one line of at most 1024 bytes")
        }
        return message
    }

    var value: Wait {
        if noWait { return .none }
        return wait == "drained" ? .drained : .flip
    }

    /// The closing line, or the failure that the report tells of.
    func conclude(
        _ reply: OperationReply, of name: String, _ output: JSONOption
    ) throws(Failure) {
        if let report = reply.report {
            // One that was rolled back by itself is no reply, but an error.
            guard [.completed, .rolledBack].contains(report.result) else {
                throw Failure(.failed, "\(name) \(report.result): \(report.reason ?? "no reason")")
            }
            output.say("handover " + StatusText.summary(report))
        } else if let generation = reply.generation {
            let state = value == .none ? "is on its way" : "is current"
            output.say("generation \(generation) \(state)")
        }
    }
}
