import ControlClient
import ControlProtocol
import Kernel

/// Whether a command that ends or cuts sessions is meant for the service that it would find by itself.
///
/// A person is asked; a script has to name the service, for another one may be the only one by then.
enum Consent {
    /// Goes on where the service was named, or is the one whose unit this is called in.
    static func toCut(
        _ command: String, on connection: ControlConnection, _ options: ServiceOptions,
        with rest: String = ""
    ) throws(Failure) {
        guard options.name == nil, options.control == nil,
            connection.host != nil || RuntimeFolder.given({ Environment.value(of: $0) }) == nil
        else { return }
        let name = connection.serviceName
        guard StandardStream.input.isTerminal(), StandardStream.error.isTerminal() else {
            throw Failure(
                .usage,
                "\(command) cuts sessions and no service is named: write relevo \(command) \(name)\(rest)"
            )
        }
        let sessions = ListCommand.status(at: connection.path).map { status in
            status.generations.reduce(0) { $0 + $1.flows + ($1.outside?.total ?? 0) }
        }
        let count = sessions.map { ", which has \($0) sessions" } ?? ""
        Console.ask("relevo: \(command) '\(name)'\(count)? [y/N] ")
        let answer = Console.answer()?.lowercased()
        guard answer == "y" || answer == "yes" else {
            throw Failure(.failed, "nothing is changed")
        }
    }
}
