import HandoverCore
import Keeper
import Kernel
import Logging
import Settings

extension Supervisor {
    /// How soon another keeper is tried where one could not be started.
    private static let keeperPause = Duration.seconds(1)

    /// A keeper for a service that has none.
    static func startKeeper(
        _ executable: String, _ runtime: RuntimeDirectory, _ settings: ServiceSettings,
        _ loop: EventLoop
    ) throws(SupervisorError) -> KeeperLink {
        do {
            return try KeeperLink.start(
                executable: executable, at: runtime.keeperPath,
                settings.stopRule, in: loop)
        } catch KeeperError.refused {
            throw SupervisorError(
                "\(settings.name) is running already, with a supervisor or without: its keeper "
                    + "has \(runtime.keeperPath)")
        } catch {
            throw SupervisorError("\(error)")
        }
    }

    /// Takes what the keeper tells.
    func watchKeeper() {
        keeper.exited = { [unowned self] name, exit in
            guard let id = WorkerID(kept: name) else { return keeper.release(name) }
            workerEnded(id, WorkerExit(exit))
        }
        keeper.lost = { [unowned self] in replaceKeeper() }
        keeper.complained = { [unowned self] in log.error("\($0)") }
    }

    /// Puts another keeper in the place of one that has died. Its workers live on, and are watched
    /// from here: they became children of this process, unless an earlier supervisor started them.
    func replaceKeeper() {
        log.error("the keeper (pid \(keeper.pid)) has died: another one takes its place")
        vault.remove(keeper)
        strayNames.formUnion(keeper.abandoned)
        do throws(SupervisorError) {
            keeper = try Self.startKeeper(executable, runtime, settings, loop)
        } catch {
            log.critical("\(error)")
            _ = loop.schedule(at: MonotonicClock.now() + Self.keeperPause) { [unowned self] in
                replaceKeeper()
            }
            return
        }
        watchKeeper()
        endStrays()
        vault.add(keeper)
        keepEverything(in: keeper)
        if holdsLifeLine {
            // The dead keeper's.
            holdsLifeLine = false
            useStore()
        }
        for worker in workers.values { watch(worker) }
    }

    /// Has a worker's end noticed that the keeper is no parent of.
    func watch(_ worker: Worker) {
        let id = worker.id
        do throws(KernelError) {
            try worker.watch { [unowned self] in workerEnded(id, $0.map(WorkerExit.init) ?? .lost) }
        } catch {
            log.critical("the end of worker \(id) will not be noticed: \(error)")
        }
    }

    /// Ends workers that the dead keeper may have started without a chance to say so.
    private func endStrays() {
        let names = starting.keys + strayNames.compactMap { WorkerID(kept: $0) }
        strayNames = []
        let sockets = Set(names.map { "NOTIFY_SOCKET=\(runtime.notifyPath(of: $0))" })
        guard !sockets.isEmpty else { return }
        let known = Set(workers.values.map(\.pid))
        for pid in (try? Reaping.children()) ?? [] where !known.contains(pid) {
            let variables = (try? ProcessView.text("environ", of: pid)) ?? []
            let isStray = variables.split(separator: 0).contains {
                sockets.contains(String(decoding: $0, as: UTF8.self))
            }
            // A child of ours: its number is nobody else's as long as we have not reaped it.
            if isStray { _ = try? ProcessHandle(opening: pid).signal(SignalNumber.kill) }
        }
    }

    /// Keeps what a worker speaks through.
    func keep(_ ends: WorkerEnds, of id: WorkerID, in place: (any VaultPlace)? = nil) {
        if let out = ends.out { vault.keep(out, as: .worker(id, .out), in: place) }
        if let err = ends.err { vault.keep(err, as: .worker(id, .err), in: place) }
        if let calls = ends.calls { vault.keep(calls, as: .worker(id, .calls), in: place) }
        if let notify = ends.notify { vault.keep(notify, as: .worker(id, .notify), in: place) }
        if let channel = ends.channel { vault.keep(channel, as: .worker(id, .channel), in: place) }
    }

    /// Lets go of all that was kept for a worker, and frees the name of its notify socket.
    func forgetEnds(of id: WorkerID) {
        _ = try? removeFile(runtime.notifyPath(of: id))
        for part in VaultName.WorkerPart.allCases { vault.forget(.worker(id, part)) }
    }
}

extension ServiceSettings {
    /// How the keeper ends workers that no supervisor ends.
    var stopRule: StopRule { StopRule(signal: stopSignal.number, timeout: stopTimeout) }
}

extension WorkerExit {
    /// As the kernel told it.
    init(_ exit: ProcessExit) {
        switch exit {
        case .code(let status): self = .exited(status: status)
        case .signal(let signal, _): self = .killed(signal: signal)
        }
    }
}
