/// Where a service keeps its sockets; both programs must come to the same answer.
package enum RuntimeFolder {
    /// The Varlink socket in a service's folder.
    package static let controlSocket = "control"
    /// The socket for joining workers in a service's folder.
    package static let workersSocket = "workers"

    /// The folder of the service of this name for the supervisor that runs it: $RUNTIME_DIRECTORY
    /// itself, else one under `parent`; nil where the environment offers neither.
    package static func path(
        name: String, isRoot: Bool, environment: (String) -> String?
    ) -> String? {
        if let given = given(environment) { return given }
        return parent(isRoot: isRoot, environment: environment).map { "\($0)/\(name)" }
    }

    /// The folder that a service manager made for the service, systemd.exec(5).
    package static func given(_ environment: (String) -> String?) -> String? {
        let all = (environment("RUNTIME_DIRECTORY") ?? "").split(separator: ":")
        // A unit whose server has folders of its own names them all; ours is one in a `relevo`.
        let ours = all.first { $0.split(separator: "/").dropLast().last == "relevo" }
        return (ours ?? all.first).map(String.init)
    }

    /// The folder of a service in one that was given and is another user's.
    package static func below(_ given: String, name: String) -> String { "\(given)/\(name)" }

    /// The folder of all services of this user.
    package static func parent(isRoot: Bool, environment: (String) -> String?) -> String? {
        if isRoot { return system }
        guard let own = environment("XDG_RUNTIME_DIR"), own.hasPrefix("/") else { return nil }
        return "\(own)/relevo"
    }

    /// The folder of the services that root runs.
    package static let system = "/run/relevo"
}
