import ArgumentParser
import ControlProtocol
import Kernel

/// `relevo report`
struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Writes one handover as a picture.",
        discussion: """
            One file that needs nothing else: its phases, the flows of each generation over time, \
            what the service was sent, what was lost, and what happened when. Without a number it is \
            the last handover that is over.

            FILE ends in .svg or .html; it follows the reader's choice of a light or a dark screen.

              relevo report --output upgrade.svg
              relevo report dns 12 --output upgrade.html
            """)

    @OptionGroup var service: ServiceOptions
    @OptionGroup var result: JSONOption

    @Argument(
        help: "The number of the handover, as relevo history shows it.",
        completion: Completions.handovers)
    var number: Int?

    @Option(
        name: .shortAndLong, help: "Where to write it.",
        completion: .file(extensions: ["svg", "html"]))
    var output: String

    func validate() throws {
        guard output.hasSuffix(".svg") || output.hasSuffix(".html") else {
            throw ValidationError("--output '\(output)' ends in neither .svg nor .html")
        }
    }

    func run() throws {
        let (service, number) = HistoryCommand.meant(service, number)
        let history = try HistorySource.find(service)
        let (_, found) = try history.ask(try number ?? Self.last(of: history))
        guard let handover = found.first else { return }
        let picture = ReportPicture(handover)
        let text = output.hasSuffix(".svg") ? picture.svg : ReportPage.html(handover, picture)
        do throws(KernelError) {
            try writeFile(output, Array(text.utf8))
        } catch {
            throw Failure(error)
        }
        result.say("handover \(handover.number) is in \(output)")
        result.give(Written(number: handover.number, output: output))
    }

    private struct Written: Encodable {
        let number: Int
        let output: String
    }

    /// The number of the last handover that is over.
    private static func last(of history: HistorySource) throws(Failure) -> Int {
        let (_, all) = try history.ask(nil)
        let meant = all.last { $0.from != nil && $0.result != .underWay } ?? all.last
        guard let meant, meant.number > 0 else {
            throw Failure(.failed, "nothing has happened yet that a picture could show")
        }
        return meant.number
    }
}
