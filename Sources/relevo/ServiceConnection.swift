import ControlClient
import ControlProtocol
import Kernel

/// Connects to the service that was meant.
enum ServiceConnection {
    /// - Parameter acts: whether the command changes something, or only looks.
    static func open(
        _ options: ServiceOptions, toAct acts: Bool = true
    ) throws(Failure) -> ControlConnection {
        if let host = RemoteHost.chosen {
            return try ControlConnection(on: host, options.words + (acts ? ["--act"] : []))
        }
        do throws(Failure) {
            return try find(options, toAct: acts)
        } catch {
            guard error.status == .unavailable else { throw error }
            if let left = left(options) { throw Failure(.unavailable, left.advice) }
            let all = LeftService.all()
            guard all.count == 1, options.name == nil, options.control == nil else { throw error }
            throw Failure(.unavailable, "no supervisor is running here; \(all[0].advice)")
        }
    }

    /// The service that was named, where it runs on without its supervisor.
    static func left(_ options: ServiceOptions) -> LeftService? {
        if RemoteHost.chosen != nil { return nil }
        var paths: [String] = []
        if let control = options.control {
            paths = [control]
        } else if let name = options.name {
            paths = ServiceLocator().candidates(name: name)
        } else if let given = RuntimeFolder.given({ Environment.value(of: $0) }) {
            paths = [ServiceLocator().own(in: given)]
        }
        return paths.lazy.filter { (try? ControlConnection(to: $0)) == nil }
            .compactMap { LeftService(ofControl: $0) }.first
    }

    private static func find(
        _ options: ServiceOptions, toAct acts: Bool
    ) throws(Failure) -> ControlConnection {
        if let path = options.control { return try ControlConnection(to: path) }
        var search = Search()
        let path = try search.find(options.name, ServiceChoice(acts: acts))
        // What was looked at is what is meant: its path may be another's by now.
        if let connection = search.connections[path] { return connection }
        return try ControlConnection(to: path)
    }
}

/// A look at all sockets that may be meant.
private struct Search {
    private let locator = ServiceLocator()
    private(set) var connections: [String: ControlConnection] = [:]

    mutating func find(_ name: String?, _ choice: ServiceChoice) throws(Failure) -> String {
        if let name {
            var found = locator.candidates(name: name).map { look(at: $0) }
            // A folder of another name is the service's only if that says so itself.
            if let path = locator.given(otherThan: name) {
                let isMeant = ListCommand.status(at: path)?.name == name
                found.append(isMeant ? look(at: path) : .init(path: path, state: .absent))
            }
            return try choice.named(name, of: found)
        }
        let all = locator.existing().map { look(at: $0) }
        guard let given = RuntimeFolder.given({ Environment.value(of: $0) }) else {
            return try choice.only(of: all)
        }
        let path = ServiceLocator().own(in: given)
        return try choice.own(all.first { $0.path == path } ?? look(at: path), others: all)
    }

    private mutating func look(at path: String) -> ServiceChoice.Finding {
        do throws(Failure) {
            let connection = try ControlConnection(to: path)
            connections[path] = connection
            return .init(path: path, state: .live(isOwn: connection.isOwn))
        } catch {
            guard error.status == .unavailable else {
                return .init(path: path, state: .refused(error))
            }
            let isThere = ((try? FileStatus(of: path, followingLinks: false)) ?? nil) != nil
            return .init(path: path, state: isThere ? .dead : .absent)
        }
    }
}
