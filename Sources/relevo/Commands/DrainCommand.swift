import ArgumentParser
import ControlProtocol
import Settings

/// `relevo drain`
struct DrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drain",
        abstract: "Changes how long old generations may go on draining.",
        discussion: """
            The time counts from now. 0 cuts what is left at once: those flows go to the current \
            generation, which does not know them. Without a name a person is asked before that, and a \
            script is refused.

              relevo drain --timeout 10min
              relevo drain dns --generation 3 --timeout 0
            """)

    @OptionGroup var service: ServiceOptions
    @OptionGroup var output: JSONOption

    @Option(help: "30s, 5min, 1h; 0 for at once, infinity for no limit.")
    var timeout: String

    @Option(
        help: "One generation alone; else all that drain.", completion: Completions.generations)
    var generation: Int?

    /// What the supervisor is asked for.
    func request() throws -> ControlRequest {
        let limit = try Options.read("--timeout", timeout) { (text) throws(ValueError) in
            try TimeLimit.parse(text)
        }
        switch limit {
        case .infinity: return .drain(generation: generation, timeout: nil)
        case .after(let time): return .drain(generation: generation, timeout: time)
        }
    }

    func run() throws {
        let request = try request()
        let connection = try ServiceConnection.open(service)
        if case .drain(_, .some(.zero)) = request {
            try Consent.toCut("drain", on: connection, service)
        }
        try connection.ask(request, output)
    }
}
