import ArgumentParser
import ControlProtocol

/// `relevo list`
struct ListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Lists the running services.",
        discussion: """
            Services of this user, and of root where their control group allows it.

              relevo list
              relevo list --json | jq -r '.[].name'
            """)

    @Flag(help: "As a JSON array; fields may be added in later versions, none goes away.")
    var json = false

    /// One running service.
    struct Entry: Encodable {
        let name: String
        let pid: Int
        let version: String
        let current: Int?
        let state: String
        /// The control socket's path.
        let control: String
    }

    func run() throws {
        let entries = ServiceLocator().existing().compactMap { path in
            ListCommand.status(at: path).map { status in
                Entry(
                    name: status.name, pid: status.pid, version: status.version,
                    current: status.current, state: StatusText.state(of: status), control: path)
            }
        }
        if json {
            Console.say(RawJSON.indented(Array(OrderedJSON.text(entries).utf8)))
            return
        }
        var table = Table(("NAME", .left), ("PID", .right), ("CURRENT", .right), ("STATE", .left))
        for entry in entries {
            table.add(
                entry.name, "\(entry.pid)", entry.current.map { "\($0)" } ?? "-", entry.state)
        }
        guard !table.isEmpty else { return }
        for line in table.lines(styled: Console.isStyled) { Console.say(line) }
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
