import ArgumentParser
import ControlClient
import ControlProtocol
import Kernel

/// `relevo reexec`
struct ReexecCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reexec",
        abstract: "Replaces the supervisor by the relevod that is installed now.",
        discussion: """
            In place: the process keeps its number, and its workers, sockets, flows and handovers \
            go on; traffic does not notice. A relevod that cannot take over is refused, and the \
            present one goes on.

              relevo reexec dns
              relevo reexec --all        after an upgrade of the package
            """)

    @OptionGroup var service: ServiceOptions
    @OptionGroup var output: JSONOption

    @Flag(help: "All services that may be controlled from here.")
    var all = false

    func validate() throws {
        if all && (service.name != nil || service.control != nil) {
            throw ValidationError("--all goes with neither a name nor --control")
        }
    }

    func run() throws {
        guard all else {
            let connection = try ServiceConnection.open(service)
            return output.give(try reexec(connection))
        }
        var failure: Failure?
        var results: [Replaced] = []
        defer { output.give(All(services: results)) }
        for path in try RemoteService.allPaths() {
            // A socket without a supervisor is none of ours to complain of.
            guard let connection = try? ControlConnection(to: path) else { continue }
            do throws(Failure) {
                results.append(try reexec(connection))
            } catch {
                error.report()
                results.append(Replaced(name: connection.serviceName, error: error.message))
                failure = error
            }
        }
        if let failure { throw Failure(failure.status, "not every supervisor was replaced") }
    }

    /// How long the new supervisor may take to answer, and how often it is asked.
    private static let answerTimeout = Duration.seconds(10)
    private static let interval = Duration.milliseconds(20)

    private func reexec(_ connection: ControlConnection) throws(Failure) -> Replaced {
        let name = connection.serviceName
        try connection.send(ControlCall(.reexec, more: true))
        let answer = try connection.reply(as: NothingMore.self, within: Self.answerTimeout)
        // One more reply is why it came to nothing; the end is the old program's.
        if answer.continues {
            try connection.waitForEnd(orReplyAs: NothingMore.self, Self.answerTimeout)
        }
        let deadline = MonotonicClock.now() + Self.answerTimeout
        while MonotonicClock.now() < deadline {
            if let status = ListCommand.status(at: connection.path) {
                output.say("\(name): relevod \(status.version), process \(status.pid)")
                return Replaced(name: name, version: status.version, pid: status.pid)
            }
            try Self.pause()
        }
        throw Failure(.failed, "\(name): the new supervisor does not answer; see its log")
    }

    private static func pause() throws(Failure) {
        do throws(KernelError) {
            try passTime(interval)
        } catch {
            throw Failure(error)
        }
    }

    /// What has become of one supervisor.
    private struct Replaced: Encodable {
        let name: String
        var version: String?
        var pid: Int?
        /// Why it goes on as the former one.
        var error: String?
    }

    private struct All: Encodable {
        let services: [Replaced]
    }

    /// The reply has no parameters.
    private struct NothingMore: Decodable {}
}
