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

    func validate() throws {
        if noWait, wait != nil {
            throw ValidationError("--wait and --no-wait contradict each other; use one")
        }
        if let wait, wait != "flip", wait != "drained" {
            throw ValidationError("--wait '\(wait)' is neither flip nor drained")
        }
    }

    var value: Wait {
        if noWait { return .none }
        return wait == "drained" ? .drained : .flip
    }

    /// The closing line, or the failure that the report tells of.
    func conclude(_ reply: OperationReply, of name: String) throws(Failure) {
        if let report = reply.report {
            guard report.result == .completed else {
                throw Failure(.failed, "\(name) \(report.result): \(report.reason ?? "no reason")")
            }
            Console.say("handover " + StatusText.summary(report))
        } else if let generation = reply.generation {
            let state = value == .none ? "is on its way" : "is current"
            Console.say("generation \(generation) \(state)")
        }
    }
}
