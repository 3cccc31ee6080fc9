import HandoverCore
import Kernel

/// The folder of a running service: its control socket, and the workers' notify sockets.
package struct RuntimeDirectory {
    package let path: String

    package var controlPath: String { "\(path)/control" }

    func notifyPath(of id: WorkerID) -> String { "\(path)/notify/\(id)" }

    /// Finds the place by the rules of the design, and makes it.
    ///
    /// - Parameter isShared: workers of another user reach their sockets in it, the control socket
    ///   being guarded by its own mode.
    package init(name: String, isShared: Bool) throws(SupervisorError) {
        if let given = Environment.value(of: "RUNTIME_DIRECTORY"), !given.isEmpty {
            // systemd gives several, parted by colons; the first is the unit's own.
            path = String(given.prefix { $0 != ":" })
        } else if ProcessIdentity.effectiveUser == 0 {
            path = "/run/relevo/\(name)"
        } else if let base = Environment.value(of: "XDG_RUNTIME_DIR"), !base.isEmpty {
            path = "\(base)/relevo/\(name)"
        } else {
            throw SupervisorError(
                "no place for the control socket: set RUNTIME_DIRECTORY or XDG_RUNTIME_DIR to a "
                    + "folder that you may write to")
        }
        do {
            try makeFolders(path, mode: 0o755)
            try changeMode(of: path, to: isShared ? 0o711 : 0o700)
            try makeFolders("\(path)/notify", mode: 0o711)
        } catch {
            throw SupervisorError("runtime folder \(path): \(error)")
        }
    }

    /// Takes away what belongs to a service that has ended; the folder may be its manager's.
    func clear() {
        _ = try? removeFile(controlPath)
        for file in (try? listFolder("\(path)/notify")) ?? [] {
            _ = try? removeFile("\(path)/notify/\(file)")
        }
        try? removeFolder("\(path)/notify")
        try? removeFolder(path)
    }
}
