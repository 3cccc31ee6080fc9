import ControlClient
import ControlProtocol
import Kernel

/// A service that runs on without its supervisor: its keeper holds the sockets, its workers serve. Where the keeper is
/// gone too, the workers alone have them.
struct LeftService {
    let name: String
    /// Its runtime folder.
    let folder: String
    /// The keeper's number.
    let keeper: Int32?
    /// Workers that run.
    let workers: [Int32]
    private let place: KnownFolder

    /// The service of a control socket at which nobody listens; nil where no keeper is left either.
    init?(ofControl path: String) {
        // The path is another machine's.
        guard RemoteHost.chosen == nil else { return nil }
        let parts = path.split(separator: "/")
        guard let name = parts.dropLast().last else { return nil }
        self.name = String(name)
        folder = "/" + parts.dropLast().joined(separator: "/")
        let socket = "\(folder)/keeper"
        // A process of another user that calls itself the keeper is not it.
        guard let file = try? FileStatus(of: socket), file.kind == .socket else { return nil }
        let all = (try? ProcessView.all()) ?? []
        // Nor is that of another service of this name, in a container.
        guard let place = KnownFolder(folder) else { return nil }
        self.place = place
        keeper = all.first {
            LeftService.isKeeper($0, of: socket, owner: file.uid) && place.isMeant(by: $0)
        }
        if let keeper {
            // It has one thread.
            workers = (try? ProcessView.children(of: keeper, in: keeper)) ?? []
        } else {
            let folder = self.folder
            let orphans = all.filter { Self.isWorker($0, of: folder, at: place) }
            // What a worker has started has its environment, and ends with it.
            workers = orphans.filter { orphan in
                !orphans.contains {
                    ((try? ProcessView.children(of: $0, in: $0)) ?? []).contains(orphan)
                }
            }
            if workers.isEmpty { return nil }
        }
    }

    /// All services of this kind that there are.
    static func all(_ locator: ServiceLocator = ServiceLocator()) -> [LeftService] {
        locator.existing().compactMap { path in
            (try? ControlConnection(to: path)) == nil ? LeftService(ofControl: path) : nil
        }
    }

    var state: String {
        let verb = workers.count == 1 ? "worker serves" : "workers serve"
        let gone = keeper == nil ? "supervisor and keeper gone" : "supervisor gone"
        return "\(gone), \(workers.count) \(verb)"
    }

    /// What it is, and what to do about it.
    var advice: String {
        let resume =
            keeper == nil
            ? "relevo adopt \(workers.first ?? 0) takes its first one over"
            : "relevo run --resume --name \(name), with its other options, takes over"
        return "\(name): \(state) on; \(resume); relevo stop \(name) ends it"
    }

    /// Whether a process was told at its start to report to the service's supervisor.
    private static func isWorker(
        _ process: Int32, of folder: String, at place: KnownFolder
    ) -> Bool {
        let mark = Array(Reaping.mark(of: "\(folder)/notify/").utf8)
        return ProcessView.environment(of: process).contains { $0.starts(with: mark) }
            && place.isMeant(by: process)
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
    /// How long a worker has after SIGTERM where nobody knows the settings.
    private static let workerTimeout = Duration.seconds(10)

    /// Ends the workers and clears up: the keeper does it by its stop signal and after its time by force.
    func stop() throws(Failure) {
        do throws(KernelError) {
            // Nobody takes it over meanwhile; a supervisor that is there ends its service itself.
            let lock = try FolderLock(on: folder)
            if let keeper { try end(keeper) } else { try endWorkers() }
            clear()
            _ = consume lock
        } catch {
            guard error.isTaken else { throw Failure(error) }
            throw Failure(.failed, "\(name) is being taken over by a supervisor this very moment")
        }
    }

    private func end(_ keeper: Int32) throws(KernelError) {
        let process = try ProcessHandle(opening: keeper)
        guard LeftService(ofControl: "\(folder)/\(RuntimeFolder.controlSocket)")?.keeper == keeper
        else { throw KernelError("signal", number: 3, on: "keeper \(keeper)") }
        try process.signal(SignalNumber.terminate)
        _ = try process.wait(for: .readable, within: Self.stopTimeout)
    }

    private func endWorkers() throws(KernelError) {
        for signal in [SignalNumber.terminate, SignalNumber.kill] {
            let deadline = MonotonicClock.now() + Self.workerTimeout
            for worker in workers where Self.isWorker(worker, of: folder, at: place) {
                let process = try ProcessHandle(opening: worker)
                try process.signal(signal)
            }
            for worker in workers {
                guard let process = try? ProcessHandle(opening: worker) else { continue }
                let left = max(.zero, deadline - MonotonicClock.now())
                _ = try process.wait(for: .readable, within: left)
            }
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
