import ArgumentParser
import ControlClient
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
        /// The supervisor's; nil where that is gone.
        let pid: Int?
        let version: String?
        let current: Int?
        let state: String
        /// The control socket's path.
        let control: String
        /// The keeper's number, where the supervisor is gone and it is not.
        var keeper: Int?
        /// The numbers of the workers that serve on then.
        var workers: [Int]?
    }

    func run() throws {
        let entries = ServiceLocator().existing().compactMap(ListCommand.entry)
        if json {
            Console.say(RawJSON.indented(Array(OrderedJSON.text(entries).utf8)))
            return
        }
        var table = Table(("NAME", .left), ("PID", .right), ("CURRENT", .right), ("STATE", .left))
        for entry in entries {
            table.add(
                entry.name, entry.pid.map { "\($0)" } ?? "-", entry.current.map { "\($0)" } ?? "-",
                entry.state)
        }
        guard !table.isEmpty else { return }
        for line in table.lines(styled: Console.isStyled, width: Console.width) {
            Console.say(line)
        }
        for entry in entries where entry.pid == nil {
            guard let left = LeftService(ofControl: entry.control) else { continue }
            Console.complain("relevo: \(left.advice)")
        }
    }

    /// A service of which something is left; nil for a socket that nobody is behind.
    private static func entry(at path: String) -> Entry? {
        if let status = status(at: path) {
            return Entry(
                name: status.name, pid: status.pid, version: status.version,
                current: status.current, state: status.summary, control: path)
        }
        guard (try? ControlConnection(to: path)) == nil, let left = LeftService(ofControl: path)
        else { return nil }
        return Entry(
            name: left.name, pid: nil, version: nil, current: nil, state: left.state,
            control: path, keeper: left.keeper.map { Int($0) },
            workers: left.workers.map { Int($0) })
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
