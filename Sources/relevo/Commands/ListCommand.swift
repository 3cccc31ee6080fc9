import ArgumentParser
import ControlClient
import ControlProtocol
import Kernel

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

    @OptionGroup var survey: SurveyOptions

    func run() throws {
        let looks = try survey.looks(at: RemoteService.allPaths)
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
