import ControlProtocol
import Kernel

/// Connects to the service that was meant.
enum ServiceConnection {
    static func open(_ options: ServiceOptions) throws(Failure) -> ControlConnection {
        if let path = options.control { return try ControlConnection(to: path) }
        let locator = ServiceLocator()
        if let name = options.name {
            let paths = locator.candidates(name: name)
            if let connection = try firstLive(paths) { return connection }
            throw Failure(.unavailable, "no supervisor runs '\(name)' (looked at \(list(paths)))")
        }
        // Within its own unit a service needs no name.
        if let given = RuntimeFolder.given({ Environment.value(of: $0) }) {
            let path = "\(given)/\(RuntimeFolder.controlSocket)"
            if let own = try firstLive([path]) { return own }
            // It is a service's, whose supervisor is gone: another service is not what was meant.
            if (try? FileStatus(of: path, followingLinks: false)) ?? nil != nil {
                throw Failure(
                    .unavailable,
                    "no supervisor listens at \(path); if its workers serve on, "
                        + "relevo run --resume takes them over")
            }
        }
        return try onlyLive(locator.existing())
    }

    private static func list(_ paths: [String]) -> String { paths.joined(separator: " and ") }

    /// The first that somebody listens at; nil when nobody does at any of them.
    private static func firstLive(_ paths: [String]) throws(Failure) -> ControlConnection? {
        var refusal: Failure?
        for path in paths {
            do throws(Failure) {
                return try ControlConnection(to: path)
            } catch {
                if error.status != .unavailable { refusal = refusal ?? error }
            }
        }
        if let refusal { throw refusal }
        return nil
    }

    private static func onlyLive(_ paths: [String]) throws(Failure) -> ControlConnection {
        var live: [ControlConnection] = []
        var refusal: Failure?
        for path in paths {
            do throws(Failure) {
                live.append(try ControlConnection(to: path))
            } catch {
                if error.status != .unavailable { refusal = refusal ?? error }
            }
        }
        guard let found = live.first else {
            throw refusal ?? Failure(.unavailable, "no supervisor is running here")
        }
        guard live.count == 1 else {
            let names = live.map(\.serviceName).joined(separator: ", ")
            throw Failure(.usage, "several services are running (\(names)); name one of them")
        }
        return found
    }
}
