import ControlProtocol
import Kernel

/// Finds the control sockets of running services.
struct ServiceLocator {
    private let isRoot: Bool
    private let environment: (String) -> String?

    init(
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

    /// The sockets a service of this name may have, the likeliest first.
    func candidates(name: String) -> [String] {
        let own = parents.map { "\($0)/\(name)" }
        let given = RuntimeFolder.given(environment).map { [$0] } ?? []
        // The folder that a service manager made bears the service's name as a rule.
        let folders = given.first?.hasSuffix("/\(name)") == true ? given + own : own + given
        return folders.map { "\($0)/\(RuntimeFolder.controlSocket)" }
    }

    /// The control sockets that are there, whether or not somebody still listens.
    func existing() -> [String] {
        var folders = RuntimeFolder.given(environment).map { [$0] } ?? []
        for parent in parents {
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
                return true
            }
        }
    }
}
