import ArgumentParser
import ControlClient

/// The machine whose services are meant.
struct HostOption: ParsableArguments {
    @Option(
        name: [.customShort("H"), .customLong("host")],
        help: ArgumentHelp(
            "The machine where it runs, over ssh; RELEVO_SSH is another ssh, with its options.",
            valueName: "[user@]host[:port]"))
    var host: String?

    func validate() throws {
        guard let host else { return }
        do throws(RemoteHost.Mistake) {
            // What connects takes it from the command line as it stands there.
            if try RemoteHost(host) == RemoteHost.chosen { return }
        } catch {
            throw ValidationError("-H: \(error)")
        }
        throw ValidationError("write the host as a word of its own, -H \(host)")
    }
}

/// Where `-H` may stand, and with what.
enum HostArguments {
    /// What works on this machine's files and processes, whichever host is meant.
    private static let local: Set = [
        "run", "adopt", "init", "wrap", "unwrap", "doctor", "check-settings", "join", "bridge",
    ]

    /// The command line with the host behind the command, where the parser expects it.
    static func moved(_ words: [String]) -> [String] {
        guard let first = words.first else { return words }
        let count = first == "-H" || first == "--host" ? 2 : first.hasPrefix("--host=") ? 1 : 0
        guard count > 0, words.count > count else { return words }
        let rest = words.dropFirst(count)
        let end = rest.firstIndex(of: "--") ?? rest.endIndex
        return Array(rest[..<end] + words.prefix(count) + rest[end...])
    }

    /// Refuses a host for what would not go there.
    ///
    /// - Parameter words: with the command first.
    static func check(_ words: [String]) throws(Failure) {
        guard let command = words.first, local.contains(command),
            let host = RemoteHost.text(in: words)
        else { return }
        throw Failure(
            .usage,
            "\(command) works on the machine where it is called: ssh \(host) relevo \(command)")
    }
}
