import ControlProtocol
import Kernel

/// Connects to the service that was meant.
enum ServiceConnection {
    /// - Parameter acts: whether the command changes something, or only looks.
    static func open(
        _ options: ServiceOptions, toAct acts: Bool = true
    ) throws(Failure) -> ControlConnection {
        if let path = options.control { return try ControlConnection(to: path) }
        let locator = ServiceLocator()
        let choice = ServiceChoice(acts: acts)
        if let name = options.name {
            let found = locator.candidates(name: name).map { look(at: $0) }
            // A folder of another name is the service's only if that says so itself.
            let given = locator.given(otherThan: name).map { path in
                let isMeant = ListCommand.status(at: path)?.name == name
                return isMeant
                    ? look(at: path) : ServiceChoice.Finding(path: path, state: .absent)
            }
            return try ControlConnection(
                to: choice.named(name, of: found + (given.map { [$0] } ?? [])))
        }
        let all = locator.existing().map { look(at: $0) }
        if let given = RuntimeFolder.given({ Environment.value(of: $0) }) {
            let own = look(at: "\(given)/\(RuntimeFolder.controlSocket)")
            return try ControlConnection(to: choice.own(own, others: all))
        }
        return try ControlConnection(to: choice.only(of: all))
    }

    /// Connects, and hangs up again.
    private static func look(at path: String) -> ServiceChoice.Finding {
        do throws(Failure) {
            let connection = try ControlConnection(to: path)
            return ServiceChoice.Finding(path: path, state: .live(isOwn: connection.isOwn))
        } catch {
            guard error.status == .unavailable else {
                return ServiceChoice.Finding(path: path, state: .refused(error))
            }
            let isThere = ((try? FileStatus(of: path, followingLinks: false)) ?? nil) != nil
            return ServiceChoice.Finding(path: path, state: isThere ? .dead : .absent)
        }
    }
}
