import ArgumentParser
import ControlClient
import ControlProtocol
import Kernel
import Settings

/// `relevo list`
struct ListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Lists the running services.",
        discussion: """
            Services of this user, and of root where their control group allows it. All are asked at the same \
            time; one that does not answer within --timeout is listed without figures.

            AGE is the time since the current generation began, SESSIONS are live flows and what else \
            generations that drain have, DROPS the datagrams dropped since the supervisor's start. HEALTH is \
            what status --check tells by its exit code.

              relevo list
              relevo list --json | jq -r '.[] | select(.health != "healthy").name'
            """)

    @Flag(help: "As a JSON array; fields may be added in later versions, none goes away.")
    var json = false

    @OptionGroup var place: HostOption

    @Option(help: "How long to wait for all the services together (2s; 20s over ssh).")
    var timeout: String?

    func run() throws {
        let limit = try Options.read("--timeout", timeout ?? StatusSurvey.patience) {
            (text) throws(ValueError) in
            try Duration.parse(text)
        }
        let paths = try RemoteService.allPaths()
        let looks: [ServiceLook]
        do throws(KernelError) {
            looks = try StatusSurvey.looks(at: paths, within: limit)
        } catch {
            throw Failure(error)
        }
        let now = MonotonicClock.sinceEpoch()
        let rows = looks.compactMap { ServiceRow($0, at: now) }
        if json {
            Console.say(JSONOption.text(rows))
            return
        }
        let table = ServiceRow.table(rows)
        guard !table.isEmpty else { return }
        for line in table.lines(styled: Console.isStyled, width: Console.width) {
            Console.say(line)
        }
        for row in rows where row.workers != nil {
            guard let left = LeftService(ofControl: row.control) else { continue }
            Console.complain("relevo: \(left.advice)")
        }
    }

    /// nil for a socket that is left over, somebody else's, or silent.
    static func status(at path: String) -> ServiceStatus? {
        guard let connection = try? ControlConnection(to: path) else { return nil }
        do throws(Failure) {
            try connection.send(ControlCall(.getStatus))
            return try connection.reply(as: StatusReply.self, within: .seconds(2)).parameters.status
        } catch {
            return nil
        }
    }
}
