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
            """)

    func run() throws {
        var table = Table(("NAME", .left), ("PID", .right), ("CURRENT", .right), ("STATE", .left))
        for path in ServiceLocator().existing() {
            guard let status = ListCommand.status(at: path) else { continue }
            table.add(
                status.name, "\(status.pid)", status.current.map { "\($0)" } ?? "-",
                StatusText.state(of: status))
        }
        guard !table.isEmpty else { return }
        for line in table.lines(styled: Console.isStyled) { Console.say(line) }
    }

    /// nil for a socket that is left over, somebody else's, or silent.
    private static func status(at path: String) -> ServiceStatus? {
        guard let connection = try? ControlConnection(to: path) else { return nil }
        do throws(Failure) {
            try connection.send(ControlCall(.getStatus))
            return try connection.reply(as: StatusReply.self, within: .seconds(2)).parameters.status
        } catch {
            return nil
        }
    }
}
