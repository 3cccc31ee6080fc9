import ArgumentParser
import ControlProtocol

/// `relevo history`
struct HistoryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "Shows the last handovers of a service, or all of one.",
        discussion: """
            The last 100 are remembered, over restarts of the supervisor and of the machine. Of one \
            that is named by its number all is shown: its phases, what happened when, what was \
            looked at, and the last lines of a version that did not get ready. With the name of a service \
            that does not run it is what its state folder has.

            FLIP is the time from the request until new flows went to the new generation, DRAIN the \
            time in which the old one let its sessions end. KEPT sessions stayed with their process \
            until they ended, CUT ones did not.

              relevo history
              relevo history dns 12
              relevo history --json | jq '.[] | select(.result == "failed")'

            relevo-json(5) has the fields of the JSON, relevod(8) says where the history is.
            """)

    @OptionGroup var service: ServiceOptions

    @Argument(
        help: "The number of one handover, as the list shows it.", completion: Completions.handovers
    )
    var number: Int?

    @Flag(help: "As JSON; fields may be added in later versions, none goes away.")
    var json = false

    /// The service and the handover that are meant: a number alone is a handover's.
    static func meant(_ service: ServiceOptions, _ number: Int?) -> (ServiceOptions, Int?) {
        guard number == nil, let word = service.service, let only = Int(word) else {
            return (service, number)
        }
        var rest = service
        rest.service = nil
        return (rest, only)
    }

    func run() throws {
        let (service, number) = Self.meant(service, number)
        let (frame, handovers) = try HistorySource.find(service).ask(number)
        if json {
            let raw = RawJSON.value(under: ["parameters", "handovers"], in: frame) ?? []
            Console.say(RawJSON.indented(number == nil ? raw : RawJSON.first(of: raw)))
            return
        }
        let lines =
            number == nil
            ? HistoryText.list(handovers, styled: Console.isStyled, width: Console.width)
            : handovers.flatMap {
                HistoryText.whole($0, styled: Console.isStyled, width: Console.width)
            }
        for line in lines { Console.say(line) }
    }
}
