/// When a worker counts as ready.
package enum ReadyRule: Equatable, Sendable {
    /// READY=1 if the worker says it, else all its sockets taken, else alive for a second.
    case auto
    /// READY=1 and nothing else.
    case notify
    /// Still running after this long.
    case alive(Duration)
    /// This command, words already split, ends with 0.
    case exec([String])

    package static func parse(_ text: String) throws(ValueError) -> ReadyRule {
        switch text {
        case "auto": return .auto
        case "notify": return .notify
        default: break
        }
        if text.hasPrefix("alive:") {
            let time = try Duration.parse(String(text.dropFirst("alive:".count)))
            return .alive(time)
        }
        if text.hasPrefix("exec:") {
            let words = try Words.split(String(text.dropFirst("exec:".count)))
            guard !words.isEmpty else {
                throw ValueError("exec: needs a command, exec:/usr/bin/check --its-args say")
            }
            return .exec(words)
        }
        throw ValueError.unknownWord(
            text, what: "a ready rule", of: ["auto", "notify", "alive:2s", "exec:COMMAND"])
    }

    var text: String {
        switch self {
        case .auto: "auto"
        case .notify: "notify"
        case .alive(let time): "alive:\(time.settingsText)"
        case .exec(let words): "exec:\(Words.join(words))"
        }
    }
}
