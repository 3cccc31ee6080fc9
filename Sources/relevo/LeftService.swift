import ControlProtocol
import Kernel

/// A service that runs on without its supervisor: its keeper holds the sockets, its workers serve.
struct LeftService {
    let name: String
    /// Its runtime folder.
    let folder: String
    /// The keeper's number.
    let keeper: Int32
    /// Workers that the keeper has started and that run.
    let workers: [Int32]

    /// The service of a control socket at which nobody listens; nil where no keeper is left either.
    init?(ofControl path: String) {
        let parts = path.split(separator: "/")
        guard let name = parts.dropLast().last else { return nil }
        self.name = String(name)
        folder = "/" + parts.dropLast().joined(separator: "/")
        let socket = "\(folder)/keeper"
        // A process of another user that calls itself the keeper is not it.
        guard let file = try? FileStatus(of: socket), file.kind == .socket,
            let keeper = (try? ProcessView.all())?.first(where: {
                LeftService.isKeeper($0, of: socket, owner: file.uid)
            })
        else { return nil }
        self.keeper = keeper
        // It has one thread.
        workers = (try? ProcessView.children(of: keeper, in: keeper)) ?? []
    }

    /// All services of this kind that there are.
    static func all(_ locator: ServiceLocator = ServiceLocator()) -> [LeftService] {
        locator.existing().compactMap { path in
            (try? ControlConnection(to: path)) == nil ? LeftService(ofControl: path) : nil
        }
    }

    var state: String {
        let verb = workers.count == 1 ? "worker serves" : "workers serve"
        return "supervisor gone, \(workers.count) \(verb)"
    }

    /// What it is, and what to do about it.
    var advice: String {
        "\(name): \(state) on; relevo run --resume --name \(name), with its other options, takes over; "
            + "relevo stop \(name) ends it"
    }

    private static func isKeeper(_ process: Int32, of socket: String, owner: UInt32) -> Bool {
        guard let words = try? ProcessView.text("cmdline", of: process).split(separator: 0),
            words.count == 3, words[1].elementsEqual("keeper".utf8),
            KeptText.text(words[2]) == socket
        else { return false }
        return (try? FileStatus(of: "/proc/\(process)"))?.uid == owner
    }
}

// MARK: Its end

extension LeftService {
    /// What a stop may take besides the settings' own limit, which only the keeper knows.
    private static let stopTimeout = Duration.seconds(86_400)

    /// Has the keeper end the workers, by its stop signal and after its time by force, and clears up.
    func stop() throws(Failure) {
        do throws(KernelError) {
            // Nobody takes it over meanwhile; a supervisor that is there ends its service itself.
            let lock = try FolderLock(on: folder)
            let process = try ProcessHandle(opening: keeper)
            guard
                LeftService(ofControl: "\(folder)/\(RuntimeFolder.controlSocket)")?.keeper == keeper
            else { throw KernelError("signal", number: 3, on: "keeper \(keeper)") }
            try process.signal(SignalNumber.terminate)
            _ = try process.wait(for: .readable, within: Self.stopTimeout)
            clear()
            _ = consume lock
        } catch {
            guard error.isTaken else { throw Failure(error) }
            throw Failure(.failed, "\(name) is being taken over by a supervisor this very moment")
        }
    }

    private func clear() {
        for socket in [RuntimeFolder.controlSocket, RuntimeFolder.workersSocket, "keeper"] {
            _ = try? removeFile("\(folder)/\(socket)")
        }
        for part in ["notify", "private"] { try? removeTree("\(folder)/\(part)") }
        try? removeFolder(folder)
    }
}
