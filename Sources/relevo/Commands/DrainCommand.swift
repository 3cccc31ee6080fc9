import ArgumentParser
import ControlProtocol
import Settings

/// `relevo drain`
struct DrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drain",
        abstract:
            "Changes how long old generations may go on draining, or with how many sessions left they may end.",
        discussion: """
            The time counts from now. 0 cuts what is left at once: those flows go to the current \
            generation, which does not know them. Without a name a person is asked before that, and a \
            script is refused. With --keep a drain ends as soon as no more sessions than that are left, and \
            cuts those; DrainKeep= says so for every drain.

            relevo status shows when a drain is likely to end by itself, and relevo flows who is left.

              relevo drain --timeout 10min
              relevo drain dns --generation 3 --timeout 0
              relevo drain dns --keep 5
            """)

    @OptionGroup var service: ServiceOptions
    @OptionGroup var output: JSONOption

    @Option(help: "30s, 5min, 1h; 0 for at once, infinity for no limit.")
    var timeout: String?

    @Option(help: "With how many sessions left the drain may end.")
    var keep: Int?

    @Option(
        help: "One generation alone; else all that drain.", completion: Completions.generations)
    var generation: Int?

    func validate() throws {
        guard timeout != nil || keep != nil else {
            throw ValidationError("say how long (--timeout), or how many may be left (--keep)")
        }
        if let keep, !(0...1_000_000_000 ~= keep) {
            throw ValidationError("--keep is a number of sessions, 0 or more")
        }
    }

    /// What the supervisor is asked for, one after the other.
    func requests() throws -> [ControlRequest] {
        guard let timeout else {
            return [.drain(generation: generation, timeout: nil, keep: keep)]
        }
        let limit = try Options.read("--timeout", timeout) { (text) throws(ValueError) in
            try TimeLimit.parse(text)
        }
        switch limit {
        case .after(let time): return [.drain(generation: generation, timeout: time, keep: keep)]
        case .infinity:
            // No time beside a number of sessions leaves the deadline as it is.
            let number = keep.map {
                ControlRequest.drain(generation: generation, timeout: nil, keep: $0)
            }
            return [.drain(generation: generation, timeout: nil)] + (number.map { [$0] } ?? [])
        }
    }

    func run() throws {
        let requests = try requests()
        let connection = try ServiceConnection.open(service)
        if case .drain(_, .some(.zero), _)? = requests.first {
            try Consent.toCut("drain", on: connection, service, with: " --timeout 0")
        }
        for request in requests.dropLast() {
            try connection.send(ControlCall(request))
            _ = try connection.reply(as: DoneReply.self, within: .seconds(10))
        }
        guard let last = requests.last else { return }
        try Operation(name: "drain", request: last, output: output)
            .checkUnderstood(on: connection)
        try connection.ask(last, output)
    }
}
