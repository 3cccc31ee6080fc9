import ControlProtocol
import HandoverCore
import Kernel

/// The folder of a running service: its control socket, and the workers' notify sockets.
package struct RuntimeDirectory {
    package let path: String

    package var controlPath: String { "\(path)/\(RuntimeFolder.controlSocket)" }

    /// Where workers join that others start.
    var workersPath: String { "\(path)/\(RuntimeFolder.workersSocket)" }

    var keeperPath: String { "\(path)/keeper" }

    /// Where a record goes that could not be read, for whoever has to find out why.
    var refusedRecordPath: String { "\(path)/record.refused" }

    /// Where a start that has failed tells the next one.
    var failedStartsPath: String { "\(path)/failed-starts" }

    var privateFolders: PrivateFolders { PrivateFolders(base: "\(path)/private") }

    /// Where a link is put that leads each process to its own descriptor of this number.
    func programLink(_ number: Int32, _ name: String) -> String {
        "\(path)/program/\(number)/\(name)"
    }

    /// Where the workers' notify sockets are.
    var notifyFolder: String { "\(path)/notify" }

    func notifyPath(of id: WorkerID) -> String { "\(notifyFolder)/\(id)" }

    /// Finds the place by the rules of the design, and makes it.
    ///
    /// - Parameter isShared: workers of another user, or that change to one, reach their sockets in
    ///   it, the control socket being guarded by its own mode.
    package init(name: String, isShared: Bool) throws(SupervisorError) {
        let found = RuntimeFolder.path(
            name: name, isRoot: ProcessIdentity.effectiveUser == 0,
            environment: { Environment.value(of: $0) })
        guard let found else {
            throw SupervisorError(
                "no place for the control socket: set RUNTIME_DIRECTORY or XDG_RUNTIME_DIR to a "
                    + "folder that you may write to")
        }
        do throws(KernelError) {
            // A volume that is everybody's, as containers have it, is no service's own.
            let isOthers = try FileStatus(of: found).map {
                $0.uid != ProcessIdentity.effectiveUser && ProcessIdentity.effectiveUser != 0
            }
            path = isOthers ?? false ? RuntimeFolder.below(found, name: name) : found
        } catch {
            throw SupervisorError("runtime folder \(error)")
        }
        guard path.utf8.count + Self.longestName <= Self.longestAddress else {
            throw SupervisorError(
                "runtime folder \(path): its name is too long for the addresses of sockets in it, by "
                    + "\(path.utf8.count + Self.longestName - Self.longestAddress) bytes; set "
                    + "RUNTIME_DIRECTORY to a shorter one")
        }
        do throws(KernelError) {
            try makeFolders(path, mode: 0o755)
            try changeMode(of: path, to: isShared ? 0o711 : 0o700)
            try makeFolders(notifyFolder, mode: 0o711)
        } catch {
            throw SupervisorError(
                "runtime folder \(path): \(error); set RUNTIME_DIRECTORY to a folder that you may "
                    + "write to", isPermission: error.isPermissionDenied)
        }
    }

    /// sun_path, without the NUL at its end.
    private static let longestAddress = 107
    /// Of a notify socket, `/notify/GENERATION.WORKER`.
    private static let longestName = "/notify/9999999.511".utf8.count

    /// Keeps other supervisors from starting as long as the lock is held: of two that find the service
    /// without a keeper, each would start one.
    func lock(for name: String) throws(SupervisorError) -> FolderLock {
        do throws(KernelError) {
            return try FolderLock(on: path)
        } catch {
            guard error.isTaken else { throw SupervisorError("runtime folder: \(error)") }
            throw SupervisorError("\(name) is being started by another supervisor this very moment")
        }
    }

    /// Takes away what belongs to a service that has ended; the folder may be its manager's.
    func clear() {
        _ = try? removeFile(controlPath)
        _ = try? removeFile(workersPath)
        for file in (try? listFolder("\(path)/notify")) ?? [] {
            _ = try? removeFile("\(path)/notify/\(file)")
        }
        try? removeFolder("\(path)/notify")
        try? removeTree(privateFolders.base)
        try? removeTree("\(path)/program")
        try? removeFolder(path)
    }
}
