import ControlProtocol
import Kernel

/// Finds the control sockets of running services.
package struct ServiceLocator {
    private let isRoot: Bool
    private let environment: (String) -> String?

    package init(
        isRoot: Bool = ProcessIdentity.effectiveUser == 0,
        environment: @escaping (String) -> String? = { Environment.value(of: $0) }
    ) {
        self.isRoot = isRoot
        self.environment = environment
    }

    /// The folders that hold one folder for each service, one's own first.
    private var parents: [String] {
        let own = RuntimeFolder.parent(isRoot: isRoot, environment: environment)
        return [own, RuntimeFolder.system].compactMap(\.self).reduce(into: []) {
            if !$0.contains($1) { $0.append($1) }
        }
    }

    /// The sockets a service of this name has by its folder's name, the likeliest first.
    package func candidates(name: String) -> [String] {
        let own = parents.map { "\($0)/\(name)" }
        let given = RuntimeFolder.given(environment).flatMap { $0.hasSuffix("/\(name)") ? $0 : nil }
        // A volume that is everybody's has a folder for each service.
        let below = RuntimeFolder.given(environment).map { RuntimeFolder.below($0, name: name) }
        let folders = [given].compactMap(\.self) + own.filter { $0 != given }
        return folders.map(socket) + [below].compactMap { $0.map(socket) }.filter(isThere)
    }

    /// The socket in a service manager's folder that does not bear this name, though its service may.
    package func given(otherThan name: String) -> String? {
        guard let given = RuntimeFolder.given(environment), !given.hasSuffix("/\(name)") else {
            return nil
        }
        return "\(given)/\(RuntimeFolder.controlSocket)"
    }

    private func socket(in folder: String) -> String {
        "\(folder)/\(RuntimeFolder.controlSocket)"
    }

    private func isThere(_ path: String) -> Bool { (try? FileStatus(of: path)) != nil }

    /// The socket of the service whose folder this was given for, or that has the only folder in it.
    package func own(in given: String) -> String {
        let path = socket(in: given)
        if isThere(path) { return path }
        let below = existing().filter { $0.hasPrefix("\(given)/") }
        return below.count == 1 ? below[0] : path
    }

    /// The control sockets that are there, whether or not somebody still listens.
    package func existing() -> [String] {
        var folders = RuntimeFolder.given(environment).map { [$0] } ?? []
        for parent in folders + parents {
            for name in ((try? listFolder(parent)) ?? []).sorted() {
                let folder = "\(parent)/\(name)"
                if !folders.contains(folder) { folders.append(folder) }
            }
        }
        return folders.map { "\($0)/\(RuntimeFolder.controlSocket)" }.filter {
            // What may not be looked into is left for the connection to complain about.
            do throws(KernelError) {
                return try FileStatus(of: $0) != nil
            } catch {
                // A file beside the socket is no folder.
                return error.isPermissionDenied
            }
        }
    }
}
