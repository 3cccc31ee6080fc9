import ArgumentParser
import ControlProtocol

/// `relevo diff`
struct DiffCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Shows how the settings file differs from what runs.",
        discussion: """
            A line that begins with - is what runs, one with + what the file and its drop-ins say, and \
            the comment says what brings that: an upgrade (relevo upgrade, or a reload of the unit), a \
            restart of the supervisor, which loses nothing, or a stop and a start. Where an option of \
            relevo run has said it, the file's value never takes effect. Values of Environment= are not \
            shown.

            The exit code is 1 where something is to be brought, 0 where nothing is, and 78 where the \
            file has mistakes.

              relevo diff
              relevo diff dns
              relevo diff dns --json | jq '.differences[] | select(.takesEffect == "stop")'
            """)

    @OptionGroup var service: ServiceOptions

    @Flag(help: "As JSON; fields may be added in later versions, none goes away.")
    var json = false

    func run() throws {
        let connection = try ServiceConnection.open(service, toAct: false)
        try connection.send(ControlCall(.compareSettings))
        let frame = try connection.frame(within: .seconds(10))
        let found: SettingsReply
        do throws(AnswerFault) {
            found = try ControlAnswer<SettingsReply>.decode(frame).parameters
        } catch {
            throw Failure(error)
        }
        if json {
            Console.say(
                RawJSON.indented(RawJSON.value(under: ["parameters"], in: frame) ?? []))
        } else {
            for line in DiffText.lines(found) { Console.say(line) }
        }
        if let problem = found.problem { throw Failure(.settings, problem) }
        if found.differences.contains(where: { $0.takesEffect != "never" }) {
            throw Failure(.failed, "")
        }
    }
}

/// What `relevo diff` prints.
enum DiffText {
    static func lines(_ found: SettingsReply) -> [String] {
        guard let file = found.file else {
            return ["the service was started without a settings file"]
        }
        guard found.problem == nil else { return [] }
        if found.differences.isEmpty { return ["what runs is as \(file) says"] }
        var lines: [String] = []
        var section: String?
        for difference in found.differences {
            let name = difference.listener.map { "[Listener] \($0)" } ?? "[Service]"
            if name != section { lines.append(name) }
            section = name
            lines.append("  # \(comment(difference.takesEffect))")
            lines += difference.running.map { "- \(difference.key)=\($0)" }
            lines += difference.file.map { "+ \(difference.key)=\($0)" }
        }
        return lines
    }

    private static func comment(_ takesEffect: String) -> String {
        switch takesEffect {
        case "upgrade": "takes an upgrade"
        case "restart": "takes a restart of the supervisor (systemctl restart, or --resume)"
        case "stop": "takes a stop and a start"
        case "never": "an option of relevo run wins"
        default: "takes a \(takesEffect)"
        }
    }
}
